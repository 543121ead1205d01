import Rotation

/// What a call to the resource manager is about.
package enum ARMScope: Hashable, Sendable {
    /// Whatever the identity can see.
    case tenant
    case subscription(String)
    case resourceGroup(subscription: String, name: String)
    case resource(ResourceID)

    /// nil: it is about none.
    package var subscription: String? {
        switch self {
        case .tenant: nil
        case .subscription(let subscription), .resourceGroup(let subscription, _): subscription
        case .resource(let resource): resource.subscription
        }
    }

    /// As it stands in a URL; empty for the tenant.
    var path: String {
        switch self {
        case .tenant: ""
        case .subscription(let subscription): "/subscriptions/\(subscription.percentEncoded)"
        case .resourceGroup(let subscription, let name):
            "/subscriptions/\(subscription.percentEncoded)/resourceGroups/\(name.percentEncoded)"
        case .resource(let resource):
            "/subscriptions/\(resource.subscription)/resourceGroups/\(resource.resourceGroup.percentEncoded)"
                + "/providers/Microsoft.Communication/communicationServices/\(resource.name)"
        }
    }

    /// Short, for a message.
    var name: String {
        switch self {
        case .tenant: "the tenant"
        case .subscription(let subscription): "subscription \(subscription)"
        case .resourceGroup(_, let name): "resource group \(name)"
        case .resource(let resource): resource.name
        }
    }
}

extension ARMScope: CustomStringConvertible {
    /// Its ARM id.
    package var description: String {
        switch self {
        case .tenant: "/"
        case .subscription(let subscription): "/subscriptions/\(subscription)"
        case .resourceGroup(let subscription, let name): "/subscriptions/\(subscription)/resourceGroups/\(name)"
        case .resource(let resource): resource.description
        }
    }
}
