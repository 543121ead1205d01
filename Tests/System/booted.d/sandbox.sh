# Every wall of the sandbox, by trying to get through it.

# Needed for the work; everything else that the probe tries is not.
permitted='write-state write-runtime write-tmp socket-inet socket-inet6 socket-unix'
# Capabilities are what root has in the copy of the unit, and seeing other processes comes with them. /run is never
# read-only where systemd mounts /proc anew; there it is by its mode that the daemon cannot write.
not_for_root='write-run raw-socket capabilities see-others gain-by-set-uid others-may-read'

prepare_probe() {
    install -m 755 "$tree/Tests/System/booted.d/sandbox-probe" /usr/local/bin/sandbox-probe
    install -m 4755 /usr/bin/id /usr/local/bin/set-uid-id
    mkdir -p /home/alice /run/user /usr/lib/modules
    local directory
    for directory in /home/alice /root /run/user /tmp /usr/lib/modules; do echo hello >$directory/letter; done
    chmod 755 /root
    mknod -m 666 /dev/probe-zero c 1 5
    # A program of the other architecture, 32-bit x86, that exits with 42 by its own system call.
    perl -e 'print "\x7fELF\1\1\1", "\0" x 9, pack("S2L5S6", 2, 3, 1, 0x8054, 52, 0, 0, 52, 32, 1, 0, 0, 0),
        pack("L8", 1, 0, 0x8000, 0x8000, 96, 96, 5, 4096), "\xb8\1\0\0\0\xbb\x2a\0\0\0\xcd\x80"' \
        >/usr/local/bin/foreign-code
    chmod 755 /usr/local/bin/foreign-code
}

# unconfined OUTPUT PROPERTY...: the probe in a unit without a sandbox.
unconfined() {
    local output=$1
    shift
    systemd-run --quiet --wait --pipe -p StateDirectory=probe -p RuntimeDirectory=probe -p LimitCORE=infinity "$@" \
        /usr/local/bin/sandbox-probe >"$output"
}

# confined OUTPUT NAME [LINE...]: the probe in a copy of the unit that is root with all capabilities, so that only the
# sandbox is between it and what it tries; the lines relax it further.
confined() {
    local output=$1 name=$2 directory=/etc/systemd/system/probe.service.d
    shift 2
    cp "$(property FragmentPath)" /etc/systemd/system/probe.service
    mkdir -p $directory
    printf '%s\n' '[Service]' Type=oneshot ExecStartPre= ExecStart= "ExecStart=/usr/local/bin/sandbox-probe $name" \
        ExecReload= WatchdogSec=0 Restart=no User=root Group=root CapabilityBoundingSet= CapabilityBoundingSet='~' \
        "StandardOutput=truncate:$output" \
        "$@" >$directory/50-probe.conf
    systemctl daemon-reload
    systemctl start probe || not_ok "the probe runs ($*)" "it does not"
}

answer() { sed -n "s/^$2 \([a-z]*\).*/\1/p" "$1"; }

case_every_wall() {
    local name
    install_package
    prepare_probe
    unconfined /run/as-root
    unconfined /run/as-keyturn -p User=keyturn
    cat >/usr/local/bin/probe-consumer <<'END'
#!/bin/sh
/usr/local/bin/sandbox-probe >/var/lib/keyturn/probe.new && mv /var/lib/keyturn/probe.new /var/lib/keyturn/probe
END
    chmod 755 /usr/local/bin/probe-consumer
    configure "every: 1h" "contoso-sms, run: [[/usr/local/bin/probe-consumer]]"
    ok "it starts" systemctl start keyturn
    until_ok 5 test -e /var/lib/keyturn/probe || ok "it rotates, which runs the probe as a consumer" rotate
    ok "the probe ran beside the daemon" test -s /var/lib/keyturn/probe
    for name in $permitted; do is "$name works" "$(answer /var/lib/keyturn/probe "$name")" allowed; done
    for name in $(cut -d ' ' -f 1 /run/as-root); do
        [[ " $permitted " != *" $name "* ]] || continue
        has "$name could work" "$(answer /run/as-root "$name") $(answer /run/as-keyturn "$name")" allowed
        is "$name is refused" "$(answer /var/lib/keyturn/probe "$name")" refused
    done
    ok "systemd-analyze gives 1.5 or less" systemd-analyze security --threshold=15 keyturn
    systemctl stop keyturn
    confined /run/confined ""
    for name in $(cut -d ' ' -f 1 /run/as-root); do
        [[ " $permitted $not_for_root " != *" $name "* ]] || continue
        is "$name is refused even to root" "$(answer /run/confined "$name")" refused
    done
}

# Without one wall, what is behind it can be reached: so each is in force by itself, and the probe sees it.
case_each_directive() {
    local line name lines directive
    install_package
    prepare_probe
    while read -r name line; do
        [ -n "$name" ] || continue
        read -ra lines <<<"$line"
        confined /run/confined "$name" "${lines[@]//+/ }"
        is "without ${lines[0]%%=*}, $name works" "$(answer /run/confined "$name")" allowed
    done <<'END'
write-usr ProtectSystem=no
write-etc ProtectSystem=no
read-home ProtectHome=no
read-others-tmp PrivateTmp=no
device PrivateDevices=no DevicePolicy=auto
hostname ProtectHostname=no SystemCallFilter= SystemCallFilter=
kernel-log ProtectKernelLogs=no SystemCallFilter=
read-modules ProtectKernelModules=no
read-kernel-facts ProcSubset=all
make-cgroup ProtectControlGroups=no
clock-adjust ProtectClock=no SystemCallFilter=
personality LockPersonality=no
writable-code MemoryDenyWriteExecute=no
data-to-code MemoryDenyWriteExecute=no
realtime RestrictRealtime=no SystemCallFilter= SystemCallFilter=@system-service+@resources
set-uid-file RestrictSUIDSGID=no
namespace-net RestrictNamespaces=no SystemCallFilter=
foreign-code SystemCallArchitectures=
mount SystemCallFilter= RestrictNamespaces=no
trace SystemCallFilter=
socket-packet RestrictAddressFamilies=
core-dump LimitCORE=infinity
END
}
