# The package, as somebody who administrates a server meets it.

case_install_upgrade_purge() {
    local before output state
    # What belongs to somebody else, who was woken by it, and caches of everything do not count.
    list() {
        find /etc /usr /var \( -path /var/cache -o -path /var/log -o -path /var/tmp -o -path /var/lib/dpkg \
            -o -path /var/lib/apt -o -path /var/lib/PackageKit -o -path /var/lib/systemd \) -prune -o -print | sort
    }
    before=$(list)
    ok "it installs" env DEBIAN_FRONTEND=noninteractive apt-get -q -y install "$package"
    ok "with everything it depends on" dpkg --audit
    is "its user is there" "$(id -un keyturn)" keyturn
    is "it is not started before it is configured" "$(property ActiveState)" inactive
    has "its configuration is commented" "$(cat /etc/keyturn/keyturn.yaml)" '^ *# '
    lacks "systemd finds no fault with the unit" "$(systemd-analyze verify keyturn.service 2>&1)" '.'
    ok "man finds its pages" test -s /usr/share/man/man8/keyturn.8.gz -a -s /usr/share/man/man5/keyturn.yaml.5.gz
    configure "every: 1h"
    ok "it starts" systemctl enable --now keyturn
    ok "it rotates" rotate

    local pid version
    pid=$(property MainPID)
    another_version
    output=$(DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Options::=--force-confdef \
        -o Dpkg::Options::=--force-confold install /tmp/newer.deb 2>&1) || give_up "it is upgraded" "$output"
    has "the upgrade keeps the edited configuration" "$(cat /etc/keyturn/keyturn.yaml)" 'every: 1h'
    eventually 10 "and restarts the daemon" another_pid "$pid"
    eventually 10 "which is well" health_is ok
    is "with nothing published" "$(version)" 2
    is "and nothing regenerated" "$(calls regenerateKey)" 1

    ok "removed" apt-get -q -y remove keyturn
    is "it does not run" "$(property ActiveState)" inactive
    ok "its secrets still serve" test -s $secrets/contoso-sms/connection-string
    ok "its configuration stays" test -s /etc/keyturn/keyturn.yaml
    rm -r /etc/systemd/system/keyturn.service.d
    ok "purged" apt-get -q -y purge keyturn
    is "it leaves nothing on the disk" "$(comm -13 <(echo "$before") <(list) |
        grep -vE '^/etc/((passwd|group|shadow|gshadow)-?|\.pwd\.lock)$')" ""
    is "but the user, who may own files" "$(id -un keyturn)" keyturn
    lacks "and systemd knows nothing of it" "$(systemctl list-units --all --no-legend 'keyturn*')" 'loaded'
}

# Makes /tmp/newer.deb: the same with a higher version, and another commented configuration.
another_version() {
    rm -rf /tmp/newer && mkdir /tmp/newer
    dpkg-deb --raw-extract "$package" /tmp/newer
    sed -i 's/^Version: .*/&+newer/' /tmp/newer/DEBIAN/control
    echo '# A newer comment.' >>/tmp/newer/etc/keyturn/keyturn.yaml
    (cd /tmp/newer && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
    dpkg-deb -Znone --root-owner-group --build /tmp/newer /tmp/newer.deb >/dev/null
}
