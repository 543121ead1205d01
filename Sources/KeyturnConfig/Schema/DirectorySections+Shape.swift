extension DirectorySections {
    static let stateShape = MappingShape(
        settings: [
            SettingShape(
                "directory", .path, "A directory for the ledger. No secret is in there.", standard: "/var/lib/keyturn")
        ], allowsNothing: true)

    static let secretsShape = MappingShape(
        settings: [
            SettingShape(
                "directory", .path, "The directory with a directory for each resource.",
                standard: "/var/lib/keyturn/secrets"),
            SettingShape("group", .account, "Who may read the secrets besides keyturn: a group's name or number."),
            SettingShape("mode", .fileMode, "Permissions of the files, in quotes.", standard: "0640"),
        ], allowsNothing: true)

    static let controlShape = MappingShape(
        settings: [
            SettingShape("socket", .path, "The unix socket of the control API.", standard: "/run/keyturn/control.sock")
        ], allowsNothing: true)

    static let metricsShape = MappingShape(
        settings: [
            SettingShape(
                "listen", .text(allowsNumbers: true, examples: ["127.0.0.1:9464"]),
                "The address and port of the listener.")
        ], allowsNothing: true)
}
