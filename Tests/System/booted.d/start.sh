# What systemd knows of the daemon at its start and its end.

case_start_waits_for_ready() {
    local begun took
    install_package
    configure "every: 1h"
    faults latency=2500,operation=listKeys
    begun=$(milliseconds)
    ok "it starts" systemctl start keyturn
    took=$(($(milliseconds) - begun))
    ok "the first secret is there at once" test -s $secrets/contoso-sms/connection-string
    ok "start waits as long as Azure takes" test "$took" -ge 2500
    is "it is active" "$(property ActiveState)" active
    has "systemctl status shows the line" "$(systemctl status keyturn)" \
        'Status: "1 resource; next contoso-sms Secondary in '
    is "nothing was regenerated" "$(calls regenerateKey)" 0
    ok "it stops" systemctl stop keyturn
    is "without complaint" "$(property Result)" success
    is "the secret stays" "$(version)" 1
}

case_bad_configuration_does_not_loop() {
    install_package
    configure "every: 1h, owerlap: 1s"
    fails "it does not start" systemctl start keyturn
    is "with the exit status of a bad configuration" "$(property ExecMainStatus)" 78
    has "the journal says what and where" "$(journal)" '/etc/keyturn/keyturn.yaml:6:[0-9]+: error: .*owerlap.*overlap'
    has "and so does systemctl status" "$(systemctl status keyturn)" 'keyturn.yaml:6:[0-9]+: error: '
    # Longer than RestartSec=.
    sleep "$(($(property RestartUSec | sed 's/s$//') + 1))"
    is "nothing starts it again" "$(property NRestarts) $(property ActiveState)" "0 failed"
    configure "every: 1h"
    ok "corrected, it starts" systemctl start keyturn
}

case_unreachable_azure_after_reboot() {
    local before begun took
    # Secrets on a tmpfs are gone after the boot, and so is all of /run.
    secrets=/run/acs-secrets
    secrets_options="directory: $secrets"
    if [ "$BOOT" = 1 ]; then
        install_package
        drop_in Service RuntimeDirectory=acs-secrets RuntimeDirectoryPreserve=yes
        configure "every: 1h"
        ok "it is enabled" systemctl enable --now keyturn
        ok "the secret is on the tmpfs" test -s $secrets/contoso-sms/connection-string
        touch $azure/hang
        until_ok 5 test -e $azure/hangs
        systemctl reboot
        sleep infinity
    fi
    fails "after the boot, the secret is gone" test -e $secrets/contoso-sms
    eventually 90 "although Azure does not answer, it gets ready" state_is active
    took=$(($(property ActiveEnterTimestampMonotonic) - $(property InactiveExitTimestampMonotonic)))
    ok "in a minute (it took $((took / 1000)) ms)" test "$took" -le 65000000
    has "the status names what is wrong" "$(property StatusText)" '(degraded|nothing published).*contoso-sms'
    rm $azure/hang
    eventually 30 "as soon as Azure answers, the secret is there" test -s $secrets/contoso-sms/connection-string
    eventually 10 "and all is well" health_is ok
    eventually 5 "and the status line says so" status_lacks degraded
    is "nothing was regenerated" "$(calls regenerateKey)" 0
}
