/// Where a call goes: decided by the address it came in on, its method and its path.
enum Route: Sendable, Equatable {
    case subscriptions
    case list(subscription: String, resourceGroup: String?)
    case get(ResourcePath)
    case listKeys(ResourcePath)
    case regenerateKey(ResourcePath)
    case permissions(ResourcePath)
    case locks(ResourcePath)
    case managedIdentityToken
    case appServiceToken
    case arcToken
    case clientToken(tenant: String)
    case openIDConfiguration(tenant: String)
    case metadataEndpoints
    case lifecycle(LifecycleCall)
    case dataPlane(resource: Int)
    case control([String])
    /// A known path with a method that it does not take.
    case wrongMethod(allowed: String)
    case unknown

    /// The names in an ARM path, as the caller wrote them.
    struct ResourcePath: Sendable, Equatable {
        let subscription: String
        let resourceGroup: String
        let name: String
    }

    init(_ call: Call) {
        guard call.address == .management else {
            self = call.address.resourceIndex.map { .dataPlane(resource: $0) } ?? .unknown
            return
        }
        let segments = call.pathSegments
        let words = segments.map { $0.lowercased() }
        switch words.first {
        case "_emulator": self = .control(Array(words.dropFirst()))
        case "metadata" where words == ["metadata", "identity", "oauth2", "token"]:
            self = Self.with("GET", call, .managedIdentityToken)
        case "metadata" where words == ["metadata", "endpoints"]: self = Self.with("GET", call, .metadataEndpoints)
        case "msi" where words == ["msi", "token"]: self = Self.with("GET", call, .appServiceToken)
        case "arc" where words == ["arc", "metadata", "identity", "oauth2", "token"]:
            self = Self.with("GET", call, .arcToken)
        case "subscriptions": self = Self.resourceManager(call, segments, words)
        default: self = Self.login(call, segments, words)
        }
    }

    private static func login(_ call: Call, _ segments: [String], _ words: [String]) -> Route {
        switch Array(words.dropFirst()) {
        case ["oauth2", "v2.0", "token"]: with("POST", call, .clientToken(tenant: segments[0]))
        case ["v2.0", ".well-known", "openid-configuration"]:
            with("GET", call, .openIDConfiguration(tenant: segments[0]))
        default: .unknown
        }
    }

    private static let provider = ["providers", "microsoft.communication", "communicationservices"]

    private static func resourceManager(_ call: Call, _ segments: [String], _ words: [String]) -> Route {
        if words.count == 1 { return with("GET", call, .subscriptions) }
        if words.count == 5, Array(words[2...]) == provider {
            return with("GET", call, .list(subscription: segments[1], resourceGroup: nil))
        }
        if let route = LifecycleCall.route(call, segments, words) { return route }
        guard words.count >= 7, words[2] == "resourcegroups", Array(words[4..<7]) == provider else { return .unknown }
        if words.count == 7 {
            return with("GET", call, .list(subscription: segments[1], resourceGroup: segments[3]))
        }
        let path = ResourcePath(subscription: segments[1], resourceGroup: segments[3], name: segments[7])
        switch Array(words[8...]) {
        case []: return LifecycleCall.route(call, path)
        case ["listkeys"]: return with("POST", call, .listKeys(path))
        case ["regeneratekey"]: return with("POST", call, .regenerateKey(path))
        case ["providers", "microsoft.authorization", "permissions"]: return with("GET", call, .permissions(path))
        case ["providers", "microsoft.authorization", "locks"]: return with("GET", call, .locks(path))
        default: return .unknown
        }
    }

    static func with(_ method: String, _ call: Call, _ route: Route) -> Route {
        call.method == method ? route : .wrongMethod(allowed: method)
    }

    var operation: EmulatedOperation {
        switch self {
        case .get: .get
        case .subscriptions, .list: .list
        case .permissions, .locks: .authorization
        case .listKeys: .listKeys
        case .regenerateKey: .regenerateKey
        case .managedIdentityToken, .appServiceToken, .arcToken, .clientToken: .token
        case .lifecycle(let lifecycle): lifecycle.operation
        case .dataPlane: .dataPlane
        case .openIDConfiguration, .metadataEndpoints, .control, .wrongMethod, .unknown: .other
        }
    }
}
