# Whatever happens to the process, a rotation goes on where it was, and consumers never notice.

sent() { phase_is regenerating && sleep 0.5; }

start_consumer() {
    systemd-run --quiet --unit=consumer $consumer --file $secrets/contoso-sms/connection-string --every 20ms \
        --report /run/consumer.json
}
consumer_never_refused() {
    systemctl stop consumer
    has "the consumer was never refused" "$(cat /run/consumer.json)" '"refused":0'
    has "and always had a file" "$(cat /run/consumer.json)" '"unreadable":0'
    ok "in many calls" test "$(sed 's/.*"calls":\([0-9]*\).*/\1/' /run/consumer.json)" -gt 50
}

case_watchdog() {
    local pid
    install_package
    drop_in Service WatchdogSec=2s
    configure "every: 1h"
    ok "it starts" systemctl start keyturn
    ok "it rotates" rotate
    start_consumer
    sleep 4
    is "it goes on telling the watchdog that it lives" "$(property NRestarts)" 0
    pid=$(main_pid)
    kill -STOP "$pid"
    eventually 20 "a process that is stuck is ended and started again" another_pid "$pid"
    has "by the watchdog" "$(journal)" 'Watchdog timeout'
    eventually 10 "it is up again" health_is ok
    is "nothing was regenerated for that" "$(calls regenerateKey)" 1
    is "nor published" "$(version)" 2
    ok "it goes on rotating" rotate
    is "once" "$(calls regenerateKey) $(version)" "2 3"
    consumer_never_refused
}

case_killed_in_a_rotation() {
    local pid before fault regenerates=0
    started "every: 1h"
    drop_in Service RestartSec=500ms
    start_consumer
    # Each fault holds the rotation in another step, in which the process is killed.
    for fault in latency=2000,operation=regenerateKey lostReply,operation=regenerateKey \
        latency=1000,operation=listKeys propagationDelay=2000 latency=1500,operation=dataPlane; do
        pid=$(main_pid) before=$(version)
        faults "$fault"
        # Refused as long as the key before has its time, and a lost answer may still come.
        eventually 30 "$fault: a rotation begins" keyturn rotate contoso-sms
        sleep 0.7
        is "it is not done" "$(version)" "$before"
        kill -KILL "$pid"
        until_ok 10 another_pid "$pid" || give_up "it is started again"
        faults
        eventually 20 "killed, it goes on where it was" version_is_above "$before"
        regenerates=$((regenerates + 1))
        is "with no other regenerate" "$(calls regenerateKey)" "$regenerates"
        eventually 10 "and all is well" health_is ok
    done
    consumer_never_refused
}

case_stopped_during_a_regenerate() {
    local begun took
    started "every: 1h"
    # Shorter than Azure takes: the daemon has to ask systemd for more.
    drop_in Service TimeoutStopSec=3s
    faults latency=5000,operation=regenerateKey
    keyturn rotate contoso-sms >/dev/null
    until_ok 5 sent || give_up "the regenerate is sent"
    begun=$(milliseconds)
    ok "it stops" systemctl stop keyturn
    took=$(($(milliseconds) - begun))
    ok "only after Azure has answered (it took $took ms)" test "$took" -ge 3500
    is "in order" "$(property Result)" success
    lacks "and was not killed" "$(journal)" 'SIGKILL|timed out'
    is "one was sent" "$(calls regenerateKey)" 1
    faults
    ok "it starts again" systemctl start keyturn
    eventually 20 "and publishes the key" version_is_above 1
    sleep 2
    is "without another regenerate" "$(calls regenerateKey)" 1
    has "the history knows it" "$(keyturn history contoso-sms)" 'regenerat'
}
