import NIOHTTP1

/// The operations of the resource manager and of its providers that this daemon uses.
enum ARMOperation: String, Sendable {
    case read
    case listKeys
    case regenerateKey
    /// The CommunicationServices of a subscription or a group.
    case list
    case listSubscriptions
    /// What the identity may do on a resource.
    case listPermissions
    /// The locks on a resource.
    case listLocks

    var method: HTTPMethod { isWrite ? .POST : .GET }

    /// Azure Resource Manager charges every POST action to its limit of writes, `listKeys` too.
    var isWrite: Bool { self == .listKeys || self == .regenerateKey }

    /// What the scope's URL is followed by.
    var pathSuffix: String {
        switch self {
        case .read: ""
        case .listKeys, .regenerateKey: "/\(rawValue)"
        case .list: "/providers/Microsoft.Communication/communicationServices"
        case .listSubscriptions: "/subscriptions"
        case .listPermissions: "/providers/Microsoft.Authorization/permissions"
        case .listLocks: "/providers/Microsoft.Authorization/locks"
        }
    }

    /// What a role has to allow.
    var action: String {
        let type = "Microsoft.Communication/communicationServices"
        return switch self {
        case .read, .list: "\(type)/read"
        case .listKeys, .regenerateKey: "\(type)/\(rawValue)/action"
        case .listSubscriptions: "Microsoft.Resources/subscriptions/read"
        case .listPermissions: "Microsoft.Authorization/permissions/read"
        case .listLocks: "Microsoft.Authorization/locks/read"
        }
    }

    func apiVersion(_ options: AzureOptions) -> String {
        switch self {
        case .read, .list: options.resourceAPIVersion
        case .listKeys, .regenerateKey: options.keysAPIVersion
        case .listSubscriptions: options.subscriptionsAPIVersion
        case .listPermissions: options.permissionsAPIVersion
        case .listLocks: options.locksAPIVersion
        }
    }

    /// What may be read of an answer: a page of a list has up to a thousand resources.
    var bodyLimit: Int { self == .list ? 1 << 24 : 1 << 20 }
}
