/// What Microsoft.Authorization says about a resource: what the caller may do there, and which locks are on it.
extension EmulatorModel {
    static let permissionsVersions = ["2015-07-01", "2018-01-01-preview", "2022-04-01", "2022-05-01-preview"]
    static let locksVersions = ["2015-01-01", "2016-09-01", "2017-04-01", "2020-05-01"]

    static func refuseVersion(_ version: String, of type: String, _ supported: [String]) -> Reply? {
        guard !supported.contains(version.lowercased()) else { return nil }
        return .error(
            400, "InvalidResourceType",
            "The resource type '\(type)' could not be found in the namespace 'Microsoft.Authorization' for api version "
                + "'\(version)'. The supported api-versions are '\(supported.joined(separator: ","))'.")
    }

    private struct PermissionBody: Encodable {
        let actions: [String]
        let notActions: [String]
        var dataActions: [String] = []
        var notDataActions: [String] = []
    }

    /// A role with all that a rotation needs, in the spelling of Azure's own documentation, less what `forbidden` forbids.
    mutating func listPermissions(_ exchange: inout Exchange) -> Reply {
        exchange.entry.executed = true
        let type = "Microsoft.Communication/CommunicationServices"
        let needed: [(EmulatedOperation, String)] = [
            (.get, "\(type)/Read"), (.listKeys, "\(type)/ListKeys/action"),
            (.regenerateKey, "\(type)/RegenerateKey/action"),
        ]
        let forbidden = needed.filter { faults.isInForce(.forbidden, $0.0, resource: exchange.resource) }
        let roles = [
            PermissionBody(actions: ["Microsoft.Authorization/*/read"], notActions: []),
            PermissionBody(
                actions: needed.map(\.1) + ["Microsoft.Communication/*/read"],
                notActions: forbidden.map(\.1)),
        ]
        return .json(200, ListBody(value: roles, nextLink: nil))
    }

    private struct LockBody: Encodable {
        struct Properties: Encodable {
            let level: String
            let notes: String
        }

        let properties: Properties
        let id: String
        var type = "Microsoft.Authorization/locks"
        let name: String
    }

    /// A ReadOnly lock where `scopeLocked` strikes: on the resource when the fault is about one, else on its group.
    mutating func listLocks(_ exchange: inout Exchange) -> Reply {
        guard let resource = exchange.resource else { return notFound(exchange) }
        exchange.entry.executed = true
        func isLocked(_ place: Int?) -> Bool {
            EmulatorFaultName.scopeLocked.operations.contains {
                faults.isInForce(.scopeLocked, $0, resource: place)
            }
        }
        let id = resources.resources[resource].id
        let scope =
            isLocked(nil)
            ? "/subscriptions/\(id.subscription)/resourceGroups/\(id.resourceGroup)" : id.description
        let name = "emulated-read-only"
        let lock = LockBody(
            properties: .init(level: "ReadOnly", notes: "the fault scopeLocked"),
            id: "\(scope)/providers/Microsoft.Authorization/locks/\(name)", name: name)
        return .json(200, ListBody(value: isLocked(resource) ? [lock] : [], nextLink: nil))
    }
}
