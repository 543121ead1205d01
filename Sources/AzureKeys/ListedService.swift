import Rotation

/// A CommunicationService as a list has it; no secret is in it.
package struct ListedService: Hashable, Sendable {
    package let id: ResourceID
    /// Azure compares their names without regard to case, and their values with it.
    package let tags: [String: String]
    package let service: CommunicationService

    /// nil when it is none.
    init?(_ json: JSONValue) {
        guard let id = json["id"]?.string.flatMap({ try? ResourceID($0) }), let service = CommunicationService(json)
        else { return nil }
        self.id = id
        self.service = service
        guard case .object(let members)? = json["tags"] else {
            tags = [:]
            return
        }
        tags = members.compactMapValues(\.string)
    }
}
