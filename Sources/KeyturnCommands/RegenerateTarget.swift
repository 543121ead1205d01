import Daemon
import FoundationEssentials
import Rotation

/// Which key of which resource `keyturn regenerate` is for, however it was named: `--name` and `--resource-group` (and
/// `--subscription`), `--id`, or the body of `--parameter`; the key type by `--key-type` or in the body.
struct RegenerateTarget: Equatable {
    var id: ResourceID
    var keyType: KeyType

    /// Why the naming is refused; a sentence for the person who typed it.
    struct Misnamed: Error, Equatable, CustomStringConvertible {
        var description: String
    }

    /// What was given on the command line, as it was given.
    struct Naming {
        var name: String?
        var resourceGroup: String?
        var subscription: String?
        var id: String?
        var keyType: String?
        /// JSON text.
        var parameter: String?
    }

    /// The fields that `--parameter` may have; `keyType` alone is the body of Azure's own API.
    private struct Parameter: Decodable {
        static let fields: Set<String> = ["keyType", "id", "name", "resourceGroup", "subscription"]

        var keyType: String?
        var id: String?
        var name: String?
        var resourceGroup: String?
        var subscription: String?
    }

    /// - Parameter defaultSubscription: used when none is named.
    init(_ naming: Naming, defaultSubscription: String?) throws(Misnamed) {
        let body = try Self.parse(naming.parameter)
        let typed = try Self.one(naming.keyType, body?.keyType, "--key-type", "keyType")
        guard let typed else {
            throw Misnamed(description: "Which key? Give --key-type Primary or --key-type Secondary.")
        }
        guard let keyType = KeyType(anyCase: typed) else {
            throw Misnamed(description: "The key type '\(typed)' is neither Primary nor Secondary.")
        }
        let id = try Self.one(naming.id, body?.id, "--id", "id")
        let name = try Self.one(naming.name, body?.name, "--name", "name")
        let group = try Self.one(naming.resourceGroup, body?.resourceGroup, "--resource-group", "resourceGroup")
        let subscription = try Self.one(naming.subscription, body?.subscription, "--subscription", "subscription")
        do {
            self.id = try Self.resource(
                id: id, name: name, group: group, subscription: subscription, defaultSubscription)
        } catch let malformed as ResourceID.Malformed {
            throw Misnamed(description: "The resource: \(malformed.description).")
        } catch let misnamed as Misnamed {
            throw misnamed
        } catch {
            throw Misnamed(description: "\(error)")
        }
        self.keyType = keyType
    }

    private static func resource(
        id: String?, name: String?, group: String?, subscription: String?, _ defaultSubscription: String?
    ) throws -> ResourceID {
        if let id {
            guard name == nil, group == nil, subscription == nil else {
                throw Misnamed(description: "Name the resource by its id or by name and resource group, not by both.")
            }
            return try ResourceID(id)
        }
        guard let name, let group else {
            throw Misnamed(description: "Which resource? Give --id, or --name and --resource-group.")
        }
        guard let subscription = subscription ?? defaultSubscription else {
            throw Misnamed(
                description: "Which subscription? Give --subscription, or set AZURE_SUBSCRIPTION_ID.")
        }
        return try ResourceID(subscription: subscription, resourceGroup: group, name: name)
    }

    private static func parse(_ text: String?) throws(Misnamed) -> Parameter? {
        guard let text else { return nil }
        let shape = #"--parameter takes JSON such as {"keyType":"Primary"}"#
        do {
            let data = Data(text.utf8)
            let keys = try JSONDecoder().decode([String: String].self, from: data).keys
            if let unknown = keys.sorted().first(where: { !Parameter.fields.contains($0) }) {
                throw Misnamed(description: "\(shape); it has no field '\(unknown)'.")
            }
            return try JSONDecoder().decode(Parameter.self, from: data)
        } catch let misnamed as Misnamed {
            throw misnamed
        } catch {
            throw Misnamed(description: "\(shape); this is not.")
        }
    }

    private static func one(
        _ option: String?, _ field: String?, _ optionName: String, _ fieldName: String
    ) throws(Misnamed) -> String? {
        guard option == nil || field == nil else {
            throw Misnamed(
                description: "\(optionName) and '\(fieldName)' in --parameter say the same; give one of them.")
        }
        return option ?? field
    }
}
