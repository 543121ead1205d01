/// What the whole file may have.
enum ConfigurationShape {
    static let mainOnly = [
        SettingShape("azure", .mapping(AzureSection.shape), "How to reach Azure, and as whom."),
        SettingShape("state", .mapping(DirectorySections.stateShape), "Where Keyturn remembers what it did."),
        SettingShape("secrets", .mapping(DirectorySections.secretsShape), "Where consumers find connection strings."),
        SettingShape("control", .mapping(DirectorySections.controlShape), "Where the commands reach the daemon."),
        SettingShape("metrics", .mapping(DirectorySections.metricsShape), "Metrics for Prometheus; off without it."),
    ]

    private static let shared = [
        SettingShape(
            "policies", .named(.mapping(PolicySection.shape), pattern: Patterns.name, allowsNothing: true),
            "When keys turn, by names that resources refer to."),
        SettingShape(
            "resources", .any([.list(.mapping(ResourceSection.shape), counts: 0...(.max)), .nothing]),
            "The CommunicationServices whose keys turn."),
        SettingShape(
            "discover", .any([.list(.mapping(DiscoverySection.shape), counts: 0...(.max)), .nothing]),
            "Where CommunicationServices are looked for, to be taken up as they appear."),
    ]

    static let file = MappingShape(settings: mainOnly + shared)

    /// A file of `conf.d`.
    static let dropIn = MappingShape(settings: shared)
}

/// Regular expressions (ECMA-262) of texts that more than one setting has.
enum Patterns {
    /// As `Names.problem` has it.
    static let name = "^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$"
    static let uuid = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"
    static let url = "^https?://"
    static let fileMode = "^[0-7]{3,4}$"
    static let systemdCredential = "^[^:/]{1,255}$"
}

extension ValueShape {
    static let path = ValueShape.text(pattern: "^[^~$%]")
    static let name = ValueShape.text(pattern: Patterns.name)
    static let uuid = ValueShape.text(pattern: Patterns.uuid)
    static let account = ValueShape.text(allowsNumbers: true)
    static let fileMode = ValueShape.text(pattern: Patterns.fileMode, examples: ["0640"])

    static func words<Word: RawRepresentable & CaseIterable>(of type: Word.Type) -> ValueShape
    where Word.RawValue == String {
        .words(type.allCases.map(\.rawValue))
    }
}
