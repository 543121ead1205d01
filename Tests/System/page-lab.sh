# Sourced after lab.sh: an emulator and a daemon whose resources are in every state that the status page knows, and what
# waits until they are. Sets page_port.

page_resources=(contoso-ok contoso-turned contoso-held contoso-refused contoso-paused contoso-hook contoso-manual
    contoso-busy)

page_config() {
    # Of what it writes, all but policies and resources.
    write_config '{every: 30d}'
    sed -i '/^policies:/,$d' "$lab/keyturn.yaml"
    cat >>"$lab/keyturn.yaml" <<END
policies:
  monthly:
    every: 30d
    overlap: 24h
    timezone: Europe/Berlin
    windows: ["Mon..Thu 02:00..05:00"]
    freeze: [{from: $(date -u -d '+20 days' +%F), to: $(date -u -d '+27 days' +%F), reason: "stock & <taking>"}]
    settle: 1s
    driftCheck: 30s
    retry: [200ms, 1s]
    verify: {probes: 1, spacing: 0s, timeout: 10s}
  plain: {every: 30d, overlap: 24h, settle: 1s, driftCheck: 30s, retry: [200ms, 1s], verify: {probes: 1, spacing: 0s, timeout: 10s}}
  byhand: {every: 60d, overlap: 1h, mode: manual, driftCheck: 30s, verify: off}
  brisk: {every: 20s, overlap: 8s, maxAge: 10min, settle: 1s, driftCheck: 10s, retry: [200ms, 1s], verify: {probes: 1, spacing: 0s, timeout: 10s}}
metrics: {listen: 127.0.0.1:${PAGE_PORT:-0}}
resources:
  - {name: contoso-ok, subscription: $subscription, resourceGroup: lab, policy: monthly, run: [[/bin/true, --told]]}
  - {name: contoso-turned, subscription: $subscription, resourceGroup: lab, policy: plain}
  - {name: contoso-held, subscription: $subscription, resourceGroup: lab, policy: plain}
  - {name: contoso-refused, subscription: $subscription, resourceGroup: lab, policy: monthly}
  - {name: contoso-paused, subscription: $subscription, resourceGroup: lab, policy: plain}
  - name: contoso-hook
    subscription: $subscription
    resourceGroup: lab
    policy: plain
    run: [[/bin/sh, -c, 'echo "<img src=x onerror=alert(1)>" >&2; exit 3'], [/bin/true]]
  - {name: contoso-manual, subscription: $subscription, resourceGroup: lab, policy: byhand}
  - {name: contoso-busy, subscription: $subscription, resourceGroup: lab, policy: brisk}
END
}

keyturn() { "$bin/keyturn" "$1" --config "$lab/keyturn.yaml" "${@:2}"; }

# is NAME WORD...: the status of the resource, as JSON without blanks, has all the words.
is() {
    local status
    status=$(keyturn status "$1" --format json | tr -d ' \n') || return 1
    for word in "${@:2}"; do grep -qF -- "$word" <<<"$status" || return 1; done
}

page_start() {
    local resources=() name
    for name in "${page_resources[@]}"; do resources+=(--resource "$subscription/lab/$name"); done
    start_emulator "${resources[@]}" --fault noChange,resource=contoso-held,operation=regenerateKey \
        --fault forbidden,resource=contoso-refused
    page_config
    "$bin/keyturn" run --config "$lab/keyturn.yaml" 2>"$lab/keyturn.log" &
    page_daemon=$!
    lab_pids+=("$page_daemon")
    wait_until 60 grep -q ' ready' "$lab/keyturn.log" || fail "not ready"
    page_port=$(sed -n 's/.*metrics are served .*127.0.0.1:\([0-9]*\).*/\1/p' "$lab/keyturn.log")
    wait_until 60 is contoso-turned '"phase":"settled"' || fail "contoso-turned is not published"
    keyturn rotate contoso-turned contoso-held >/dev/null
    keyturn pause contoso-paused >/dev/null
    wait_until 60 is contoso-turned '"phase":"settled"' '"version":2' || fail "contoso-turned did not turn"
    wait_until 60 is contoso-held regenerate-without-change || fail "contoso-held is not held"
    wait_until 60 is contoso-hook delivery-failed || fail "contoso-hook does not fail"
    wait_until 60 is contoso-refused forbidden || fail "contoso-refused is not refused"
    wait_until 60 is contoso-ok '"health":"ok"' '"phase":"settled"' || fail "contoso-ok is not well"
    turned() { keyturn history contoso-busy | grep -c ' published .*rotation' | grep -q '^[2-9]'; }
    wait_until 120 turned || fail "contoso-busy does not turn"
}
