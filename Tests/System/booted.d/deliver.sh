# Consumers are told, by the daemon's own user, and nobody else is.

# as_keyturn COMMAND...: as the daemon's user, with nothing more.
as_keyturn() { setpriv --reuid keyturn --regid keyturn --init-groups --no-new-privs "$@"; }

# unit NAME LINE...: a service of the machine, that may be restarted as often as keys turn here.
unit() {
    local name=$1
    shift
    printf '%s\n' '[Unit]' StartLimitIntervalSec=0 '[Service]' "$@" >"/etc/systemd/system/$name.service"
    systemctl daemon-reload
}

# running NAME LINE...: such a service, started.
running() {
    unit "$@"
    systemctl start "$1" || give_up "$1 starts"
}

case_reload_by_polkit() {
    local pid
    install_package
    running reader 'ExecStart=/usr/bin/sleep infinity' \
        "ExecReload=/bin/sh -c 'cat $secrets/contoso-sms/key-type >>/run/reader; echo >>/run/reader'"
    running restarter 'ExecStart=/usr/bin/sleep infinity'
    running bystander 'ExecStart=/usr/bin/sleep infinity' 'ExecReload=/usr/bin/touch /run/bystander'
    configure "every: 1h" "contoso-sms, reload: [reader.service, restarter.service]"
    has "check says what is not granted yet" "$(keyturn check 2>&1)" "may not .* reader.service yet"
    ok "it starts" systemctl start keyturn
    lacks "then it is" "$(keyturn check 2>&1)" "may not"
    eventually 5 "everybody is told of the first secret" phase_is settled
    : >/run/reader
    pid=$(property MainPID restarter)
    ok "it rotates" rotate
    is "the unit was reloaded, and saw the new key" "$(grep . /run/reader)" Secondary
    ok "and the other, which cannot reload, restarted" test "$(property MainPID restarter)" != "$pid"
    is "delivery is done" "$(health)" ok
    fails "keyturn may not reload another unit" as_keyturn systemctl --no-ask-password reload bystander
    has "polkit refuses it" "$output" 'Access denied|authentication required|authoriz'
    fails "nor restart it" as_keyturn systemctl --no-ask-password restart bystander
    fails "nor stop its own" as_keyturn systemctl --no-ask-password stop reader
    fails "nor by the bus itself" as_keyturn busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 \
        org.freedesktop.systemd1.Manager StopUnit ss reader.service replace
    fails "nor start anything of its own" as_keyturn systemd-run --no-ask-password --quiet /bin/true
    ok "but reload its own" as_keyturn systemctl --no-ask-password try-reload-or-restart reader
    fails "nobody else may" setpriv --reuid nobody --clear-groups --no-new-privs systemctl --no-ask-password \
        try-reload-or-restart reader
    fails "the bystander was left alone" test -e /run/bystander
    configure "every: 1h" "contoso-sms, reload: [restarter.service, {unit: bystander.service, verb: reload}]"
    ok "another unit is named" systemctl reload keyturn
    ok "it rotates" rotate
    ok "and the bystander is told" test -e /run/bystander
    eventually 5 "what is not named any more may not be reloaded" not as_keyturn systemctl --no-ask-password \
        try-reload-or-restart reader
}

case_failing_consumer() {
    local before
    install_package
    running reader 'ExecStart=/usr/bin/sleep infinity' 'ExecReload=/usr/bin/touch /run/reader'
    running broken 'ExecStart=/usr/bin/sleep infinity' 'ExecReload=/bin/sh -c "test -e /run/mended"'
    configure "every: 1h" "contoso-sms, reload: [broken.service, reader.service]"
    ok "it starts" systemctl start keyturn
    eventually 10 "one that fails does not keep the other from being told" test -e /run/reader
    eventually 10 "the status names the resource" status_has 'degraded.*contoso-sms'
    has "keyturn status the unit" "$(keyturn status contoso-sms)" broken.service
    has "and the journal" "$(journal KEYTURN_RESOURCE=contoso-sms -o cat)" broken.service
    fails "it does not rotate meanwhile" timeout 4 keyturn rotate contoso-sms --wait
    is "and regenerates nothing" "$(calls regenerateKey)" 0
    touch /run/mended
    eventually 20 "mended, it is told, and all is well" health_is ok
    rm /run/reader
    ok "and it rotates" rotate
    eventually 5 "which everybody is told" test -e /run/reader
}

case_three_ways_to_read() {
    local secrets_options="group: acs-readers" turn calls
    install_package
    useradd --system --groups acs-readers contoso
    configure "every: 1h" "contoso-sms, reload: [by-credential.service, by-environment.service]"
    # systemd hands the secret over at the start of each, so they are restarted; the third reads the file itself. Each
    # appends a line to its report when it ends.
    unit by-credential DynamicUser=yes StandardError=journal StandardOutput=append:/run/by-credential \
        "LoadCredential=acs:$secrets/contoso-sms/connection-string" \
        "ExecStart=$consumer --file \${CREDENTIALS_DIRECTORY}/acs --every 20ms"
    local connection='\"$$AZURE_COMMUNICATION_CONNECTION_STRING\"'
    unit by-environment DynamicUser=yes PrivateTmp=yes StandardError=journal StandardOutput=append:/run/by-environment \
        "EnvironmentFile=$secrets/contoso-sms/env" \
        "ExecStart=/bin/sh -c 'printf %%s $connection >/tmp/acs && exec $consumer --file /tmp/acs --every 20ms'"
    unit by-file User=contoso StandardError=journal StandardOutput=append:/run/by-file \
        "ExecStart=$consumer --file $secrets/contoso-sms/connection-string --every 20ms"
    ok "it starts" systemctl start keyturn
    eventually 10 "everybody is told of the first secret" phase_is settled
    ok "the consumers start" systemctl start by-credential by-environment by-file
    sleep 1
    # The key before is regenerated by the next one, so who still has that is refused.
    for turn in 1 2 3 4 5 6 7 8 9 10; do ok "rotation $turn" rotate; done
    # One that is stopped as soon as it was started reports nothing.
    sleep 1
    systemctl stop by-credential by-environment by-file
    sleep 0.3
    is "by credential: started anew each time" "$(wc -l </run/by-credential)" 11
    is "by environment: started anew each time" "$(wc -l </run/by-environment)" 11
    is "by file: never" "$(wc -l </run/by-file)" 1
    has "which saw all keys" "$(cat /run/by-file)" '"changes":10'
    for turn in by-credential by-environment by-file; do
        is "$turn: no call refused, no file missing" \
            "$(grep -vc '"refused":0.*"unreadable":0\|"unreadable":0.*"refused":0' /run/$turn)" 0
        calls=$(sed 's/.*"calls":\([0-9]*\).*/\1/' /run/$turn | paste -s -d +)
        ok "$turn: in many calls ($((calls)))" test $((calls)) -ge 200
    done
    fails "others cannot read it" setpriv --reuid nobody --clear-groups cat $secrets/contoso-sms/connection-string
    is "ten regenerates made ten keys" "$(calls regenerateKey) $(version)" "10 11"
}

case_encrypted_credential() {
    local turn key credential=/etc/credstore.encrypted/acs
    install_package
    unit consumer DynamicUser=yes StandardError=journal StandardOutput=append:/run/consumer \
        LoadCredentialEncrypted=acs "ExecStart=$consumer --file \${CREDENTIALS_DIRECTORY}/acs --every 20ms"
    configure "every: 1h" "contoso-sms, encrypt: {credential: acs, key: host}, reload: [consumer.service]"
    ok "it starts" systemctl start keyturn
    eventually 10 "everybody is told of the first secret" phase_is settled
    is "the credential is root's alone" "$(stat -c '%a %U' $credential)" "600 root"
    is "and holds what is published" "$(systemd-creds decrypt --name=acs $credential -)" \
        "$(cat $secrets/contoso-sms/connection-string)"
    key=$(head -c 20 $secrets/contoso-sms/access-key)
    fails "in no readable form" grep -qF -e "$key" $credential
    ok "the consumer starts" systemctl start consumer
    sleep 1
    for turn in 1 2 3; do ok "rotation $turn" rotate; done
    sleep 1
    systemctl stop consumer
    sleep 0.3
    is "it was started anew each time" "$(wc -l </run/consumer)" 4
    is "no call was refused" "$(grep -vc '"refused":0' /run/consumer)" 0
    is "the credential is the last one" "$(systemd-creds decrypt --name=acs $credential -)" \
        "$(cat $secrets/contoso-sms/connection-string)"
}

case_commands() {
    local key
    install_package
    cat >/usr/local/bin/told <<'END'
#!/bin/sh
{ env; tr '\0' ' ' </proc/$$/cmdline; echo; } >>/var/lib/keyturn/told
echo "told of $KEYTURN_RESOURCE"
test ! -e /run/keyturn/refuse
END
    chmod 755 /usr/local/bin/told
    configure "every: 1h" "contoso-sms, run: [[/usr/local/bin/told, now]]"
    ok "it starts" systemctl start keyturn
    ok "it rotates" rotate
    has "the command is run with its words" "$(cat /var/lib/keyturn/told)" 'told now'
    has "and is told what for" "$(cat /var/lib/keyturn/told)" '^KEYTURN_RESOURCE=contoso-sms$'
    key=$(head -c 20 $secrets/contoso-sms/access-key)
    fails "but no secret is in its arguments or environment" grep -qF -e "$key" /var/lib/keyturn/told
    has "its output is in the journal" "$(journal)" 'told of contoso-sms'
}
