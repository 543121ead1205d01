import Rotation

/// A lock on a resource, its group or its subscription, as `Microsoft.Authorization/locks` lists it.
package struct ManagementLock: Hashable, Sendable {
    package let name: String
    /// `ReadOnly` or `CanNotDelete`; anything else is of a later Azure.
    package let level: String
    /// The ARM id of what is locked.
    package let scope: String

    /// A POST is refused as a change, `listKeys` too.
    package var forbidsKeys: Bool { level.lowercased() == "readonly" }

    /// What the id of a lock has after that of what is locked.
    private static let own = ["providers", "microsoft.authorization", "locks"]

    init?(_ json: JSONValue) {
        guard let id = json["id"]?.string, let level = json["properties"]?["level"]?.string else { return nil }
        let parts = id.split(separator: "/", omittingEmptySubsequences: false)
        let end = parts.indices.last { parts[$0...].prefix(3).map { $0.lowercased() } == Self.own }
        scope = parts[..<(end ?? parts.endIndex)].joined(separator: "/")
        name = json["name"]?.string ?? id.split(separator: "/").last.map(String.init) ?? id
        self.level = level
    }

    /// Whether it is on the resource itself or above it.
    func covers(_ resource: ResourceID) -> Bool {
        "\(resource)/".lowercased().hasPrefix("\(scope)/".lowercased())
    }
}
