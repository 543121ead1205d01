import Rotation

extension DiscoverySection {
    static let shape = MappingShape(
        settings: [
            SettingShape("subscription", .uuid, "The subscription to look in.", isRequired: true),
            SettingShape(
                "resourceGroup", .text(), "The resource group to look in; without it, all of the subscription."),
            SettingShape(
                "tags", .named(.word, pattern: "^[^\\s]", allowsNothing: false),
                "Only resources with all of these tags."),
            SettingShape("policy", .text(), "The name of their policy.", isRequired: true),
            SettingShape("credential", .text(), "The name of a credential of azure.credentials."),
            SettingShape(
                "name", .text(pattern: "\\{name\\}", examples: ["{name}", "{resourceGroup}-{name}"]),
                "How their names are made of {name}, {resourceGroup} and {subscription}.", standard: "{name}"),
            SettingShape(
                "interval", .timeSpan(intervals), "From one look to the next.",
                standard: .span(Configuration.DiscoveryRule.defaultInterval)),
            SettingShape(
                "prune", .boolean, "Whether the published files of a resource go when Azure does not have it any more.",
                standard: false),
        ] + ResourceSection.shape.settings.filter { ["reload", "run", "files"].contains($0.key) })

    /// A look is a read for each page of a list, and Azure leaves room for many.
    static let intervals = Duration.seconds(60)...Duration.seconds(7 * 86_400)
}
