# Sourced by soak: what is done to the daemon and to the emulated Azure.

# Sets n: from 0 to below $1.
pick() { n=$((RANDOM % $1)); }

# nap MILLISECONDS
nap() { sleep "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))"; }

# A line among the daemon's.
note() { printf -- '--- %s soak: %s\n' "$(date +%T.%3N)" "$*" >>"$lab/keyturn.log"; }

# emulator METHOD PATH [BODY]: the answer's body.
emulator() {
    local body=${3-}
    {
        printf '%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
            "$1" "$2" ${#body} "$body" >&3
        sed $'1,/^\r$/d' <&3
    } 3<>"/dev/tcp/127.0.0.1/$emulator_port"
}

# Installs strace when it can; tracing is set to whether there is one that may trace.
prepare_strace() {
    tracing=
    if ! command -v strace >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        echo "soak: installing strace"
        export DEBIAN_FRONTEND=noninteractive
        apt-get -q -y -o DPkg::Lock::Timeout=300 update >/dev/null &&
            apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends strace >/dev/null || true
    fi
    if ! command -v strace >/dev/null; then
        echo "soak: strace is missing (sudo apt-get install strace): plain kills only"
    elif ! strace -o /dev/null true 2>/dev/null; then
        echo "soak: ptrace is not permitted here: plain kills only, and no system call fails"
    else
        tracing=yes
    fi
}

# choose_config [calm]: what the next configuration is like.
choose_config() {
    policy_every=4s policy_overlap=2s policy_probes=1 policy_jitter=0s retire=false text=one left_out= hooks=c
    [ "${1-}" != calm ] || return 0
    pick 3; policy_every=$((4 + n))s
    pick 2; policy_overlap=$((2 + n))s
    pick 3; policy_probes=$((1 + n))
    pick 2; policy_jitter=${n}s
    pick 3; [ "$n" = 0 ] || retire=true
    pick 3; text=text-$n
    pick 4; [ "$n" != 0 ] || left_out=contoso-a
    pick 3; [ "$n" != 0 ] || hooks=abc
}

write_choices() {
    local name present=() policy
    policy="overlap: $policy_overlap, settle: $settle, driftCheck: 1s, retry: [200ms, 500ms, 1s], maxAge: 2h, "
    policy+="verify: {probes: $policy_probes, spacing: 100ms, timeout: 20s}"
    for name in "${names[@]}"; do [ "$name" = "$left_out" ] || present+=("$name"); done
    write_config "{every: $policy_every, jitter: $policy_jitter, $policy}" "${present[@]}"
    printf '#!/bin/sh\ntest ! -e %s/hook-fails || exit 1\necho "$KEYTURN_RESOURCE $KEYTURN_VERSION" >>%s/told\n' \
        "$lab" "$lab" >"$lab/hook.new"
    chmod 700 "$lab/hook.new"
    mv "$lab/hook.new" "$lab/hook"
    sed -i -e "s|^policies: {\(.*\)}\$|policies: {\1, retiring: {every: $policy_every, retire: $retire, $policy}}|" \
        -e "/name: contoso-[$hooks]/s|}\$|, run: [[$lab/hook]]}|" \
        -e "/name: contoso-d/s|only}\$|retiring, files: [{name: app.ini, template: '$text={{keyType}}'}]}|" \
        "$lab/keyturn.yaml"
}

alive() { kill -0 "$daemon" 2>/dev/null; }
gone() { ! alive; }

# began PATTERN: whether the daemon wrote such a line since its start.
began() { tail -n "+$((log_start + 1))" "$lab/keyturn.log" | grep -qE "$1"; }

# start_daemon [COMMAND...]: under a command, or by itself.
start_daemon() {
    touch "$lab/keyturn.log"
    log_start=$(wc -l <"$lab/keyturn.log")
    "$@" "$bin/keyturn" run --config "$lab/keyturn.yaml" 2>>"$lab/keyturn.log" &
    daemon=$!
    lab_pids+=("$daemon")
}

# Waits for the daemon, which is ending; sets ended to its status.
reap() {
    ended=0
    wait "$daemon" 2>/dev/null || ended=$?
    # 128 + SIGKILL, or what the daemon itself says. Traps, aborts and the like are never right.
    case $ended in 132 | 133 | 134 | 135 | 136 | 139) fail "the daemon crashed with $ended" ;; esac
}

# The daemon should be running by itself.
must_live() { alive || { reap; fail "the daemon ended by itself with $ended"; }; }

kill_daemon() {
    must_live
    note "SIGKILL"
    kill -KILL "$daemon"
    reap
    count[kill]=$((count[kill] + 1))
}

# Ends it as systemd does, which takes no longer than a regenerate that was sent.
stop_daemon() {
    wait_until 20 began ' starting ' || fail "the daemon does not start"
    # Until it has armed its handlers a signal ends it as it ends any process.
    nap 500
    must_live
    note "SIGTERM"
    kill -TERM "$daemon"
    wait_until 20 gone 2>/dev/null || fail "the daemon does not end at SIGTERM"
    reap
    [ "$ended" = 0 ] || fail "the daemon ended with $ended at SIGTERM"
    count[term]=$((count[term] + 1))
}

# hang_up LINE: SIGHUP, and the line with which it answers.
hang_up() {
    wait_until 20 began ' starting ' || fail "the daemon does not start"
    nap 500
    must_live
    local before
    before=$(grep -c "$1" "$lab/keyturn.log" || true)
    note "SIGHUP"
    kill -HUP "$daemon"
    answered() { [ "$(grep -c "$1" "$lab/keyturn.log")" -gt "$2" ]; }
    wait_until 20 answered "$1" "$before" || fail "no '$1' after SIGHUP"
}

reload() {
    pick 4
    if [ "$n" != 0 ]; then
        choose_config
        write_choices
        hang_up 'configuration reloaded'
        count[reload]=$((count[reload] + 1))
        return
    fi
    cp "$lab/keyturn.yaml" "$lab/keyturn.yaml.good"
    pick 3
    case $n in
        0) sed -i 's/settle:/setle:/' "$lab/keyturn.yaml" ;;
        1) sed -i '$s/.*/  - {name: [/' "$lab/keyturn.yaml" ;;
        2) sed -i "s|$lab/state|$lab/elsewhere|" "$lab/keyturn.yaml" ;;
    esac
    hang_up 'configuration refused'
    mv "$lab/keyturn.yaml.good" "$lab/keyturn.yaml"
    count[refused-reload]=$((count[refused-reload] + 1))
}

pause_process() {
    must_live
    pick 3500
    note "SIGSTOP for $((500 + n)) ms"
    kill -STOP "$daemon"
    nap $((500 + n))
    kill -CONT "$daemon"
    count[stop]=$((count[stop] + 1))
}

# Each with about how many of them a thread makes in the seconds that a daemon lives here. The question mark passes over
# calls that this machine does not have.
calls_to_die_at=(
    ?renameat,?renameat2:1 ?symlinkat:1 ?mkdirat:1 ?unlinkat:4 fsync:6 fdatasync:5 pwrite64:25 ftruncate:2 ?fchmod:5
    ?openat:60 close:60 write:20 ?getdents64:4 ?bind,?listen,?unlink,?rename,?chmod:2 ?flock:1 connect:4
)

# The daemon dies at the entry of a chosen system call: traced from now on, or the next one from its start.
kill_at_call() {
    local chosen calls when strace
    pick ${#calls_to_die_at[@]}
    chosen=${calls_to_die_at[$n]}
    calls=${chosen%:*}
    pick "${chosen##*:}"
    when=$((n + 1))
    strace=(strace -qq -f -s 0 -o "$lab/strace" -e "trace=$calls" -e "inject=$calls:signal=KILL:when=$when")
    pick 3
    # Some are made at the start only.
    case $calls in *bind* | *flock | ftruncate) n=0 ;; esac
    if [ "$n" = 0 ]; then
        kill_daemon
        note "the next one dies at call $when of $calls"
        start_daemon "${strace[@]}" -D --seccomp-bpf
    else
        must_live
        note "dies at call $when of $calls from now on"
        "${strace[@]}" -p "$daemon" 2>>"$lab/strace.errors" &
        lab_pids+=($!)
    fi
    if wait_until 7 gone 2>/dev/null; then
        reap
        [ "$ended" = 137 ] || fail "it was to be killed at $calls, but ended with $ended"
        note "died"
        count[call-kill]=$((count[call-kill] + 1))
    else
        note "no such call; SIGKILL"
        kill -KILL "$daemon"
        reap
        count[kill]=$((count[kill] + 1))
    fi
}

# What a disk, a quota or a table that is full or broken answers.
calls_to_fail=(
    write,pwrite64,?openat,?mkdirat,?symlinkat,ftruncate:ENOSPC write,pwrite64:EDQUOT fsync,fdatasync:EIO fsync:EIO
    pwrite64:EIO ?renameat,?renameat2:EIO ?unlinkat:EIO ?mkdirat,?symlinkat,?renameat,?renameat2,?unlinkat:EROFS
    ?openat:EMFILE ?openat:ENFILE read,pread64,?getdents64:EIO ?newfstatat,?fstat,?fstatat64,?readlinkat:EIO
    ?newfstatat,?openat:ENOMEM ?fchmod,?fchown:EPERM write,fsync,fdatasync,pwrite64,?openat:EINTR
    fsync,fdatasync:slow ?renameat,?renameat2,pwrite64,fdatasync:slow
)

# Sets calls, and tampering for strace: they fail, or are slow, always or now and then.
choose_failure() {
    local error when=1+
    pick ${#calls_to_fail[@]}
    calls=${calls_to_fail[$n]%:*} error=${calls_to_fail[$n]##*:}
    pick 2
    if [ "$n" = 0 ] || [ "$error" = EINTR ]; then
        pick 4; when=$((n + 1))
        pick 4; when+=+$((n + 2))
    fi
    pick 600
    if [ "$error" = slow ]; then error=delay_exit=${n}000; else error=error=$error; fi
    tampering=(-e "trace=$calls" -e "inject=$calls:$error:when=$when")
}

count_tampered() { count[faults]=$((count[faults] + $(grep -cE 'INJECTED|DELAYED' "$lab/strace" || true))); }

# For a while, system calls of the threads that read and write files fail; all others would fail as they never do.
fail_calls() {
    local calls tampering threads tracer
    must_live
    threads=$(grep -l TP- /proc/"$daemon"/task/*/comm 2>/dev/null | cut -d / -f 5 | paste -s -d ,) || true
    [ -n "$threads" ] || return 0
    choose_failure
    pick 3000
    note "for $((300 + n)) ms ${tampering[3]}"
    strace -qq -s 0 -o "$lab/strace" "${tampering[@]}" -p "$threads" 2>>"$lab/strace.errors" &
    tracer=$!
    lab_pids+=("$tracer")
    nap $((300 + n))
    must_live
    pick 6
    if [ "$n" = 0 ]; then
        kill_daemon
    elif [ "$n" = 1 ]; then
        # It ends even so, whatever it says.
        note "SIGTERM"
        kill -TERM "$daemon"
            wait_until 20 gone 2>/dev/null || fail "the daemon does not end at SIGTERM while system calls fail"
        reap
        count[term]=$((count[term] + 1))
    fi
    kill -TERM "$tracer" 2>/dev/null || true
    wait "$tracer" 2>/dev/null || true
    count_tampered
    note "they work again"
    alive || start_daemon
}

# System calls on the ledger fail from the start. A daemon that cannot start says so and ends; the next one starts.
start_failing() {
    local calls tampering file paths=()
    kill_daemon
    choose_failure
    for file in "" /ledger.lock /ledger.sqlite /ledger.sqlite-wal /ledger.sqlite-shm; do
        paths+=(-P "$lab/state$file")
    done
    note "the next one starts with ${tampering[3]} on the ledger"
    start_daemon strace -qq -D -f -s 0 -o "$lab/strace" "${paths[@]}" "${tampering[@]}"
    if wait_until 2 gone 2>/dev/null; then
        reap
        note "it ended with $ended"
        # The unit is not started again after these.
        case $ended in 64 | 78) fail "a system call that failed ends the daemon for good, with $ended" ;; esac
        count[bad-start]=$((count[bad-start] + 1))
    else
        kill_daemon
    fi
    count_tampered
}

# Only what consumers survive: nothing that is decided later than settle, and no contradiction.
fault_kinds=(
    latency=%d00,operation=listKeys latency=%d00,operation=dataPlane latency=%d00,operation=regenerateKey
    latency=%d00,operation=token
    lostRequest,operation=regenerateKey,count=%d lostRequest,operation=listKeys,count=%d
    lostRequest,operation=dataPlane,count=%d
    lostReply,operation=regenerateKey,count=%d lostReply,operation=regenerateKey lostReply,operation=listKeys,count=%d
    lateLanding=%d00,count=3 lateLanding=1%d00,count=2 lateLanding=1%d00
    throttled=1,operation=regenerateKey,count=%d throttled=1,operation=listKeys,count=%d
    throttled=%d,operation=dataPlane,count=2
    serverError=503,count=%d serverError=500,operation=regenerateKey,count=%d
    serverErrorAfter=500,operation=regenerateKey,count=%d serverErrorAfter=502,operation=regenerateKey
    serverErrorAfter=504,operation=listKeys,count=%d
    propagationDelay=%d00 propagationDelay=1%d00 propagationDelay=2%d00 oldKeyLingers=%d00 oldKeyLingers=1%d00
    tokenFailure=503,count=%d forbidden,operation=regenerateKey,count=%d forbidden,operation=listKeys,count=%d
    scopeLocked,count=%d notFound,operation=listKeys,count=%d clockSkew=%d0 clockSkew=-1%d0
)

change_faults() {
    local list=() how_many kind
    pick 5
    how_many=$n
    while [ "$how_many" -gt 0 ]; do
        pick ${#fault_kinds[@]}
        kind=$n
        pick 4
        list+=("\"$(printf "${fault_kinds[$kind]}" $((n + 1)))\"")
        how_many=$((how_many - 1))
    done
    faults=$(IFS=,; echo "${list[*]}")
    note "faults: $faults"
    emulator PUT /_emulator/faults "{\"faults\":[$faults]}" >"$lab/answer"
    ! grep -q '"error"' "$lab/answer" || fail "the emulator does not take these faults: $(cat "$lab/answer")"
    pick 5
    if [ "$n" = 0 ]; then touch "$lab/hook-fails"; else rm -f "$lab/hook-fails"; fi
}

# One thing out of all of them.
act() {
    pick 2
    [ "$n" != 0 ] || change_faults
    alive || start_daemon
    pick 1500
    nap $((n + 100))
    pick 100
    if [ "$n" -lt 20 ] || { [ -z "$tracing" ] && [ "$n" -lt 70 ]; }; then
        kill_daemon
    elif [ "$n" -lt 50 ]; then
        kill_at_call
    elif [ "$n" -lt 62 ]; then
        fail_calls
    elif [ "$n" -lt 70 ]; then
        start_failing
    elif [ "$n" -lt 78 ]; then
        stop_daemon
    elif [ "$n" -lt 90 ]; then
        reload
    else
        pause_process
    fi
}

summary() {
    number() { grep -o "\"$1\":[0-9]*" "$lab/consumer.json" | grep -o '[0-9]*$'; }
    printf 'soak: %s minutes, %s keys regenerated; ' "$minutes" "$(grep -c '"changedKeyType"' "$lab/azure.log" || true)"
    printf '%s kills at random instants, %s at chosen system calls; ' "${count[kill]}" "${count[call-kill]}"
    printf '%s SIGTERM, %s SIGSTOP; ' "${count[term]}" "${count[stop]}"
    printf '%s reloads, %s refused; ' "${count[reload]}" "${count[refused-reload]}"
    printf '%s injected system call errors, %s starts they prevented; ' "${count[faults]}" "${count[bad-start]}"
    printf '%s calls by consumers, %s refused, %s unreadable\n' "$(number calls)" "$(number refused)" \
        "$(number unreadable)"
}
