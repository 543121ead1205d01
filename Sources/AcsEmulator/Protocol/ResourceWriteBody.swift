import FoundationEssentials

/// What a PUT or PATCH of a resource says. What is absent is not said.
struct ResourceWriteBody: Decodable, Sendable {
    struct Properties: Decodable, Sendable {
        var dataLocation: String?
        var disableLocalAuth: Bool?
        var publicNetworkAccess: String?
        var linkedDomains: [String]?
    }

    var location: String?
    var tags: [String: String]?
    var properties: Properties?

    init(_ call: Call) throws(Refused) {
        self = try call.decode(Self.self, code: "InvalidRequestContent")
    }

    /// What Azure offers (learn.microsoft.com/azure/communication-services/concepts/privacy).
    private static let dataLocations = [
        "Africa", "Asia Pacific", "Australia", "Brazil", "Canada", "Europe", "France", "Germany", "India", "Japan",
        "Korea", "Norway", "Switzerland", "UAE", "UK", "United States", "usgov",
    ]

    static func checked(dataLocation: String) throws(Refused) -> String {
        if let known = dataLocations.first(where: { $0.lowercased() == dataLocation.lowercased() }) { return known }
        throw Refused(
            400, "BadRequest",
            "The data location '\(dataLocation)' is not one of '\(dataLocations.joined(separator: "', '"))'.")
    }

    /// The facts with what this says.
    func applied(to before: ResourceFacts) throws(Refused) -> ResourceFacts {
        var facts = before
        if let tags { facts.tags = try Self.checked(tags: tags) }
        guard let properties else { return facts }
        if let disabled = properties.disableLocalAuth { facts.disableLocalAuth = disabled }
        if let domains = properties.linkedDomains { facts.linkedDomains = domains }
        if let access = properties.publicNetworkAccess {
            guard ["Enabled", "Disabled", "SecuredByPerimeter"].contains(access) else {
                throw Refused(
                    400, "BadRequest",
                    "The property 'properties.publicNetworkAccess' is one of 'Enabled', 'Disabled', 'SecuredByPerimeter'."
                )
            }
            facts.publicNetworkAccess = access
        }
        return facts
    }

    /// Resource Manager's own limits on tags.
    private static func checked(tags: [String: String]) throws(Refused) -> [String: String] {
        guard tags.count <= 50 else {
            throw Refused(400, "TooManyTags", "A resource has 50 tags at most, not \(tags.count).")
        }
        for (name, value) in tags {
            guard (1...512).contains(name.count), !name.contains(where: { "<>%&\\?/".contains($0) }) else {
                throw Refused(
                    400, "InvalidTagNameCharacters",
                    "The tag name '\(name)' has 1 to 512 characters, none of them '<', '>', '%', '&', '\\', '?' or '/'."
                )
            }
            guard value.count <= 256 else {
                throw Refused(400, "TagValueTooLong", "The value of the tag '\(name)' has 256 characters at most.")
            }
        }
        return tags
    }
}
