/// Answer of listKeys (all four) and of regenerateKey (the two of one key type).
struct KeysBody: Encodable, Sendable {
    var primaryKey: String?
    var primaryConnectionString: String?
    var secondaryKey: String?
    var secondaryConnectionString: String?

    mutating func set(_ keyType: EmulatedKeyType, key: String, connectionString: String) {
        switch keyType {
        case .primary:
            primaryKey = key
            primaryConnectionString = connectionString
        case .secondary:
            secondaryKey = key
            secondaryConnectionString = connectionString
        }
    }
}

struct ResourceBody: Encodable, Sendable {
    struct SystemData: Encodable, Sendable {
        let createdAt: String
        /// Azure leaves it alone when a key is regenerated.
        let lastModifiedAt: String
    }

    struct Properties: Encodable, Sendable {
        let provisioningState: String
        let hostName: String
        let immutableResourceId: String
        let dataLocation: String
        let linkedDomains: [String]?
        let disableLocalAuth: Bool?
        let publicNetworkAccess: String?
    }

    let id: String
    let name: String
    /// Lower case, as Azure answers it.
    var type = "microsoft.communication/communicationservices"
    let location: String
    let tags: [String: String]
    let systemData: SystemData
    let properties: Properties
}

struct ListBody<Element: Encodable & Sendable>: Encodable, Sendable {
    let value: [Element]
    let nextLink: String?
}

struct SubscriptionBody: Encodable, Sendable {
    let id: String
    let subscriptionId: String
    let displayName: String
    let state: String
    let tenantId: String
}
