/// A resource of a running emulator, with the endpoint that its connection strings name.
package struct EmulatedResource: Sendable, Hashable {
    package let id: EmulatedResourceID
    /// `http://127.0.0.N:PORT/`.
    package let endpoint: String
}

extension EmulatedResource: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, endpoint, subscription, resourceGroup, name
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id.description, forKey: .id)
        try container.encode(endpoint, forKey: .endpoint)
        try container.encode(id.subscription, forKey: .subscription)
        try container.encode(id.resourceGroup, forKey: .resourceGroup)
        try container.encode(id.name, forKey: .name)
    }
}
