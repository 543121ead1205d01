/// What Resource Manager does to a resource as a whole.
enum LifecycleCall: Equatable, Sendable {
    case createOrUpdate(Route.ResourcePath)
    case update(Route.ResourcePath)
    case delete(Route.ResourcePath)
    case checkName(subscription: String)
    /// What became of a create.
    case operationStatus(subscription: String, id: String)
    /// What became of a delete.
    case operationResult(subscription: String, id: String)

    /// nil when the path is none of these, whatever the method.
    ///
    /// - Parameter words: the segments in lower case.
    static func route(_ call: Call, _ segments: [String], _ words: [String]) -> Route? {
        guard words.count >= 5, words[2] == "providers", words[3] == "microsoft.communication" else { return nil }
        let subscription = segments[1]
        if words.count == 5, words[4] == "checknameavailability" {
            return Route.with("POST", call, .lifecycle(.checkName(subscription: subscription)))
        }
        guard words.count == 8, words[4] == "locations" else { return nil }
        switch words[6] {
        case "operationstatuses":
            return Route.with("GET", call, .lifecycle(.operationStatus(subscription: subscription, id: words[7])))
        case "operationresults":
            return Route.with("GET", call, .lifecycle(.operationResult(subscription: subscription, id: words[7])))
        default: return nil
        }
    }

    /// Of a call to the path of a resource.
    static func route(_ call: Call, _ path: Route.ResourcePath) -> Route {
        switch call.method {
        case "GET": .get(path)
        case "PUT": .lifecycle(.createOrUpdate(path))
        case "PATCH": .lifecycle(.update(path))
        case "DELETE": .lifecycle(.delete(path))
        default: .wrongMethod(allowed: "GET, PUT, PATCH, DELETE")
        }
    }

    var resourcePath: Route.ResourcePath? {
        switch self {
        case .createOrUpdate(let path), .update(let path), .delete(let path): path
        case .checkName, .operationStatus, .operationResult: nil
        }
    }

    var subscription: String {
        switch self {
        case .createOrUpdate(let path), .update(let path), .delete(let path): path.subscription
        case .checkName(let subscription), .operationStatus(let subscription, _),
            .operationResult(let subscription, _):
            subscription
        }
    }

    var operation: EmulatedOperation {
        switch self {
        case .createOrUpdate, .update, .delete: .write
        case .checkName, .operationStatus, .operationResult: .get
        }
    }

    /// As it stands in a role definition.
    var action: String {
        switch self {
        case .createOrUpdate, .update: "write"
        case .delete: "delete"
        case .checkName, .operationStatus, .operationResult: "read"
        }
    }
}
