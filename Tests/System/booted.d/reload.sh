# A change of the configuration.

case_good_and_bad() {
    local pid
    started "every: 1h"
    pid=$(property MainPID)
    configure "every: 2h" contoso-sms contoso-mail
    ok "a good change is taken over" systemctl reload keyturn
    ok "when reload returns, or soon after, the new resource is published" \
        until_ok 5 test -s $secrets/contoso-mail/connection-string
    eventually 5 "the status counts it" status_has '^2 resources'
    cp /etc/keyturn/keyturn.yaml /root/good.yaml
    sed -i -e 's/every: 2h/every: 2 fortnights/' -e 's/name: contoso-mail/name: contoso-mail, pollicy: x/' \
        /etc/keyturn/keyturn.yaml
    fails "a bad change is refused" systemctl reload keyturn
    sleep 0.3
    has "the journal says where, for each mistake" "$(journal)" '/keyturn.yaml:6:[0-9]+: error: .*fortnights'
    has "also the second one" "$(journal)" "/etc/keyturn/keyturn.yaml:10:[0-9]+: error: .*pollicy.*policy"
    has "systemctl status says so" "$(systemctl status keyturn)" 'Status: ".*keyturn.yaml:6:[0-9]+: error'
    fails "keyturn reload fails" keyturn reload
    has "and prints it where it was typed" "$output" 'keyturn.yaml:6:[0-9]+: error: .*fortnights'
    is "the daemon runs on" "$(property MainPID) $(property ActiveState)" "$pid active"
    ok "under the old configuration" rotate contoso-mail
    is "which is still that of two resources" "$(property StatusText | grep -c '^2 resources')" 1
    cp /root/good.yaml /etc/keyturn/keyturn.yaml
    ok "corrected, it is taken over" systemctl reload keyturn
    eventually 5 "and the complaint is gone" status_lacks error
    ok "SIGHUP does the same" systemctl kill --signal=HUP keyturn
    sleep 0.5
    is "reloads are no reason to rotate" "$(calls regenerateKey)" 1
    is "nor to restart" "$(property MainPID)" "$pid"
}

case_by_notify_reload() {
    local before
    started "every: 1h"
    if [ "$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')" -lt 253 ]; then
        ok "systemd has no Type=notify-reload before 253" true
        return
    fi
    mkdir -p /etc/systemd/system/keyturn.service.d
    cp /usr/share/doc/keyturn/examples/notify-reload.conf /etc/systemd/system/keyturn.service.d
    systemctl daemon-reload
    ok "it starts with the drop-in" systemctl restart keyturn
    configure "every: 1h" contoso-sms contoso-mail
    ok "a good change is taken over" timeout 20 systemctl reload keyturn
    eventually 5 "the new resource is published" test -s $secrets/contoso-mail/connection-string
    sed -i 's/every: 1h/every: often/' /etc/keyturn/keyturn.yaml
    timeout 20 systemctl reload keyturn
    is "a bad one leaves it running" "$(property ActiveState)" active
    has "and the status tells" "$(property StatusText)" 'keyturn.yaml:6:[0-9]+: error'
}
