# What an engineer on call reads.

case_fields_and_catalog() {
    local story id ids missing
    install_package
    # Of everything that can be told, as much as possible: what runs, what does not, what fails, and a refused reload.
    printf '%s\n' '[Service]' 'ExecStart=/usr/bin/sleep infinity' 'ExecReload=/usr/bin/test -e /run/mended' \
        >/etc/systemd/system/reader.service
    printf '%s\n' '[Service]' 'ExecStart=/usr/bin/sleep infinity' >/etc/systemd/system/idle.service
    systemctl daemon-reload
    systemctl start reader
    configure "every: 1h" contoso-mail \
        "contoso-sms, reload: [reader.service, idle.service], run: [[/usr/bin/echo, told]]"
    ok "it starts" systemctl start keyturn
    until_ok 10 status_has degraded
    touch /run/mended
    cp /etc/keyturn/keyturn.yaml /root/good.yaml
    echo nonsense >>/etc/keyturn/keyturn.yaml
    fails "a bad change is refused" systemctl reload keyturn
    cp /root/good.yaml /etc/keyturn/keyturn.yaml
    ok "it rotates" rotate contoso-sms
    faults forbidden,operation=listKeys,resource=contoso-mail
    timeout 5 keyturn rotate contoso-mail --wait
    faults
    story=$(journal KEYTURN_RESOURCE=contoso-sms -o cat)
    has "a resource's story begins with its adoption" "$(sed -n 1p <<<"$story")" 'adopted'
    has "has the regenerate" "$story" 'regenerat'
    has "the publication" "$story" 'published: contoso-sms Secondary'
    lacks "and nothing of the others" "$story" 'contoso-mail'
    is "the key type is a field" "$(journal KEYTURN_RESOURCE=contoso-sms -o json --output-fields=KEYTURN_KEY_TYPE |
        grep -o '"KEYTURN_KEY_TYPE":"[A-Za-z]*"' | sort -u | cut -d '"' -f 4 | paste -s -d ' ')" 'Primary Secondary'
    has "and the fingerprint" "$(journal KEYTURN_RESOURCE=contoso-sms -o json)" '"KEYTURN_FINGERPRINT":"[0-9a-f]{16}"'
    has "and the version" "$(journal KEYTURN_RESOURCE=contoso-sms KEYTURN_VERSION=2 -o cat)" 'published'
    has "a failure has its reason as a field" "$(journal KEYTURN_RESOURCE=contoso-mail -o json)" \
        '"KEYTURN_REASON":"[a-z-]+"'
    has "and is a warning or worse" "$(journal KEYTURN_RESOURCE=contoso-mail -p warning -o cat)" contoso-mail
    missing=$(journal -u keyturn _TRANSPORT=journal SYSLOG_IDENTIFIER=keyturn -o json |
        grep -v '"MESSAGE_ID":"[0-9a-f]\{32\}"' | grep -o '"MESSAGE":"[^"]*"')
    is "every line of the daemon has a MESSAGE_ID" "$missing" ""
    ids=$(journal -u keyturn SYSLOG_IDENTIFIER=keyturn -o json |
        grep -o '"MESSAGE_ID":"[0-9a-f]*"' | cut -d '"' -f 4 | sort -u)
    ok "of several kinds" test "$(wc -w <<<"$ids")" -ge 5
    for id in $ids; do
        has "journalctl -x explains $id" "$(journalctl --dump-catalog "$id" 2>&1)" '^Subject: .'
    done
    has "beside the line" "$(journal -x -u keyturn -o short)" '^(--|░░) Subject: '
    has "with a field in the explanation's place" "$(journal -x KEYTURN_RESOURCE=contoso-sms -o short)" \
        '^(--|░░) .*contoso-sms'
}
