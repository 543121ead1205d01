extension ResourceSection {
    static let shape = MappingShape(
        settings: [
            SettingShape("name", .name, "The name of its directory, and in all reports.", isRequired: true),
            SettingShape("id", .text(pattern: "^/"), "Its ARM resource id."),
            SettingShape(
                "subscription", .uuid, "Its subscription, in place of the id, when name is its name in Azure."),
            SettingShape("resourceGroup", .text(), "Its resource group, with subscription."),
            SettingShape("policy", .text(), "The name of its policy.", isRequired: true),
            SettingShape("credential", .text(), "The name of a credential of azure.credentials."),
            SettingShape(
                "reload", .list(.any([.text(), .mapping(unitShape)]), counts: 0...(.max)),
                "Units that are told of a new connection string."),
            SettingShape(
                "run", .list(.any([words, .mapping(commandShape)]), counts: 0...(.max)),
                "Commands that are run for a new connection string, each a list of its words."),
            SettingShape(
                "encrypt", .mapping(encryptShape),
                "Makes an encrypted systemd credential of each connection string, too."),
            SettingShape(
                "files", .list(.mapping(fileShape), counts: 0...(.max)), "Files of your own in its directory."),
        ], alternatives: [[["id"], ["subscription", "resourceGroup"]]],
        exclusive: [["id", "subscription"], ["id", "resourceGroup"]])

    static let unitShape = MappingShape(settings: [
        SettingShape("unit", .text(examples: ["contoso-sms.service"]), "The unit's name.", isRequired: true),
        SettingShape(
            "verb", .words(of: Configuration.UnitToReload.Verb.self), "What is done to it.",
            standard: "try-reload-or-restart"),
        SettingShape("timeout", .timeSpan(timeouts), "How long it may take."),
    ])

    private static let words = ValueShape.list(.word, counts: 1...(.max))

    static let commandShape = MappingShape(settings: [
        SettingShape("command", words, "The program's path and its arguments; no shell is involved.", isRequired: true),
        SettingShape("timeout", .timeSpan(timeouts), "How long it may take."),
    ])

    static let encryptShape = MappingShape(settings: [
        SettingShape(
            "credential", .text(pattern: Patterns.systemdCredential), "The credential's name.", isRequired: true),
        SettingShape(
            "key", .words(of: Configuration.EncryptedCredential.Key.self), "What it is encrypted with.",
            standard: "auto"),
    ])

    static let fileShape = MappingShape(settings: [
        SettingShape(
            "name", .text(pattern: "^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$"), "The file's name.", isRequired: true),
        SettingShape("mode", .fileMode, "Its permissions, in quotes; without it, secrets.mode."),
        SettingShape("owner", .account, "Its owner."),
        SettingShape("group", .account, "Its group; without it, secrets.group."),
        SettingShape("template", .text(), "What it holds, a Mustache template.", isRequired: true),
    ])
}
