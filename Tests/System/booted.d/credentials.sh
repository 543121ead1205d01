# How Azure's secrets reach the daemon.

client_secret="{kind: client-secret, clientSecretCredential: keyturn.azure-client-secret,
    tenantId: 00000000-0000-0000-0000-0000000000aa, clientId: 00000000-0000-0000-0000-0000000000cc}"

case_client_secret() {
    local azure_credential
    install_package
    mkdir -p /etc/credstore && chmod 700 /etc/credstore
    install -m 600 $azure/secret /etc/credstore/keyturn.azure-client-secret
    azure_credential=$client_secret
    configure "every: 1h"
    ok "it starts with the secret that systemd passes" systemctl start keyturn
    ok "and rotates with it" rotate
    is "Azure gave tokens to the client" "$(calls token | sed 's/[1-9][0-9]*/some/')" some
    has "systemd passes it" "$(systemctl cat keyturn)" '^LoadCredential=keyturn.azure-client-secret'
    secret_is_nowhere
    mv /etc/credstore/keyturn.azure-client-secret /root/secret
    fails "without the file it does not start" systemctl restart keyturn
    has "and says which credential is missing" "$(journal)$(property StatusText)" 'keyturn.azure-client-secret'
}

case_encrypted_client_secret() {
    local azure_credential
    install_package
    mkdir -p /etc/credstore.encrypted && chmod 700 /etc/credstore.encrypted
    ok "the secret is encrypted" systemd-creds encrypt --with-key=host --name=keyturn.azure-client-secret \
        $azure/secret /etc/credstore.encrypted/keyturn.azure-client-secret
    mkdir -p /etc/systemd/system/keyturn.service.d
    cp /usr/share/doc/keyturn/examples/encrypted-credential.conf /etc/systemd/system/keyturn.service.d
    systemctl daemon-reload
    azure_credential=$client_secret
    configure "every: 1h"
    ok "it starts with it" systemctl start keyturn
    ok "and rotates" rotate
    secret_is_nowhere
}

# The search is of a part, for it may be broken or quoted.
secret_is_nowhere() {
    local part key pid
    part=$(head -c 20 $azure/secret)
    key=$(head -c 20 $secrets/contoso-sms/access-key)
    pid=$(property MainPID)
    ok "the search for it finds it where it is" grep -qF -- "$part" \
        "/proc/$pid/root/run/credentials/keyturn.service/keyturn.azure-client-secret"
    lacks "it is not in the environment" "$(tr '\0' '\n' <"/proc/$pid/environ")" "$(quoted "$part")"
    lacks "nor in the arguments" "$(tr '\0' '\n' <"/proc/$pid/cmdline")" "$(quoted "$part")"
    journalctl --sync
    lacks "nor in the journal" "$(journalctl --quiet -o export --all | strings -n 8)" "$(quoted "$part")"
    lacks "and no access key either" "$(journalctl --quiet -o export --all | strings -n 8)" "$(quoted "$key")"
    fails "and not on the disk" grep -rqF -e "$part" /var/lib/keyturn
}
quoted() { sed 's/[^A-Za-z0-9_]/\\&/g' <<<"$1"; }
