import KeyturnConfig
import Rotation

/// The custom role that lets an identity do what the daemon does, as `az role definition create` takes it.
struct RotatorRole: Encodable {
    static let name = "Keyturn Key Rotator"

    private let assignableScopes: [String]

    /// - Parameter configuration: its resources' groups, and where it discovers, are where the role can be assigned.
    init(_ configuration: Configuration) {
        assignableScopes = Self.scopes(
            of: configuration.resources.map { ($0.id.subscription, $0.id.resourceGroup) }
                + configuration.discover.map { ($0.subscription, $0.resourceGroup) })
    }

    /// False: there is nothing to assign it to.
    var isUsable: Bool { !assignableScopes.isEmpty }

    /// Resource groups, each once, and subscriptions in place of their groups; ARM takes no single resource.
    static func scopes(of places: [(subscription: String, group: String?)]) -> [String] {
        let whole = Set(places.filter { $0.group == nil }.map { $0.subscription.lowercased() })
        var seen: Set<String> = []
        return places.compactMap { place in
            var scope = "/subscriptions/\(place.subscription)"
            if let group = place.group, !whole.contains(place.subscription.lowercased()) {
                scope += "/resourceGroups/\(group)"
            }
            return seen.insert(scope.lowercased()).inserted ? scope : nil
        }.sorted()
    }

    private enum CodingKeys: String, CodingKey {
        case name = "Name"
        case isCustom = "IsCustom"
        case description = "Description"
        case actions = "Actions"
        case notActions = "NotActions"
        case dataActions = "DataActions"
        case notDataActions = "NotDataActions"
        case assignableScopes = "AssignableScopes"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let type = "Microsoft.Communication/communicationServices"
        let none: [String] = []
        try container.encode(Self.name, forKey: .name)
        try container.encode(true, forKey: .isCustom)
        try container.encode("Rotate the access keys of CommunicationServices, and nothing else.", forKey: .description)
        try container.encode(
            ["\(type)/read", "\(type)/listKeys/action", "\(type)/regenerateKey/action"], forKey: .actions)
        try container.encode(none, forKey: .notActions)
        try container.encode(none, forKey: .dataActions)
        try container.encode(none, forKey: .notDataActions)
        try container.encode(assignableScopes, forKey: .assignableScopes)
    }
}
