import NIOHTTP1

/// The operations of the resource provider that this daemon uses.
enum ARMOperation: String, Sendable {
    case read
    case listKeys
    case regenerateKey

    var method: HTTPMethod { self == .read ? .GET : .POST }

    /// Azure Resource Manager charges every POST action to its limit of writes, `listKeys` too.
    var isWrite: Bool { self != .read }

    /// What the resource's URL is followed by.
    var pathSuffix: String { self == .read ? "" : "/\(rawValue)" }

    /// What a role has to allow.
    var action: String {
        let type = "Microsoft.Communication/communicationServices"
        return self == .read ? "\(type)/read" : "\(type)/\(rawValue)/action"
    }
}
