import AzureKeys
import Daemon
import KeyturnConfig
import Rotation

/// What `keyturn discover` prints.
struct DiscoveredServices {
    struct Entry: Encodable, Hashable {
        /// The name that the configuration gives it.
        var name: String
        var id: String
        var subscription: String
        var resourceGroup: String
        @Nullable var location: String?
        @Nullable var hostName: String?
        @Nullable var provisioningState: String?
        /// true: every access key is refused, so that there is nothing to rotate; null: Azure does not tell.
        @Nullable var disableLocalAuth: Bool?
        var tags: [String: String]
    }

    let entries: [Entry]
    /// Of the resources; nil: one that is printed, too.
    private let policy: String?

    /// - Parameter taken: names that the resources must not have.
    init(_ services: [ListedService], taken: Set<String>, policy: String?) {
        self.policy = policy
        let names = DiscoveredNames.unique(services.map(\.id), taken: taken)
        entries = zip(services, names).map { service, name in
            Entry(
                name: name, id: service.id.description, subscription: service.id.subscription,
                resourceGroup: service.id.resourceGroup, location: service.service.location,
                hostName: service.service.hostName, provisioningState: service.service.provisioningState,
                disableLocalAuth: service.service.disableLocalAuth, tags: service.tags)
        }
    }

    var yaml: String {
        var lines: [String] = []
        if policy == nil {
            lines += [
                "# Say when keys turn, and how Azure is reached: man keyturn.yaml",
                "policies:", "  monthly: {every: 30d, overlap: 24h}",
            ]
        }
        let isEmpty = entries.allSatisfy { obstacle($0) != nil }
        lines.append(isEmpty ? "resources: []" : "resources:")
        for entry in entries {
            let obstacle = obstacle(entry)
            let margin = obstacle == nil ? "  " : "  # "
            if let obstacle { lines.append("  # \(obstacle):") }
            lines += [
                "\(margin)- name: \(Self.scalar(entry.name))", "\(margin)  id: \(Self.scalar(entry.id))",
                "\(margin)  policy: \(Self.scalar(policy ?? "monthly"))",
            ]
        }
        return lines.joined(separator: "\n")
    }

    /// Why it cannot be rotated now, and stands in a comment; nil: it can.
    private func obstacle(_ entry: Entry) -> String? {
        if entry.disableLocalAuth == true { return "takes no access keys (disableLocalAuth)" }
        guard let state = entry.provisioningState, state.lowercased() != "succeeded" else { return nil }
        // A text of Azure's, in a comment of one line.
        return "is not ready (\(state.filter { $0.isLetter }))"
    }

    /// Quoted where YAML would take the text for something else.
    static func scalar(_ text: String) -> String {
        let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        let isPlain =
            text.first.map { $0.isASCII && ($0.isLetter || $0 == "/" || $0 == "_") } == true
            && text.allSatisfy { $0.isLetter || $0.isNumber || "/-_.()".contains($0) }
            && !words.contains(text.lowercased())
        return isPlain ? text : "'\(text.replacing("'", with: "''"))'"
    }
}

/// Names for resources that have none yet.
enum DiscoveredNames {
    private static let longest = 63

    /// The resource's own name where no other has it, else with its group, else with its subscription, too, else with a
    /// number.
    static func unique(_ ids: [ResourceID], taken: Set<String>) -> [String] {
        let forms: [(ResourceID) -> String] = [
            { $0.name }, { "\($0.resourceGroup)-\($0.name)" },
            { "\($0.subscription.prefix(8))-\($0.resourceGroup)-\($0.name)" },
        ]
        var names: [String?] = Array(repeating: nil, count: ids.count)
        var used = taken
        for form in forms {
            let open = names.indices.filter { names[$0] == nil }
            let candidates = open.map { ($0, NameTemplate.usable(form(ids[$0]))) }
            let counts = Dictionary(candidates.map { ($1, 1) }, uniquingKeysWith: +)
            for (place, name) in candidates where counts[name] == 1 && name.count <= longest && !used.contains(name) {
                names[place] = name
            }
            used.formUnion(names.compactMap(\.self))
        }
        for place in names.indices where names[place] == nil {
            var number = 2
            var name = ""
            repeat {
                let suffix = "-\(number)"
                name = NameTemplate.usable(ids[place].name).prefix(longest - suffix.count) + suffix
                number += 1
            } while used.contains(name)
            names[place] = name
            used.insert(name)
        }
        return names.compactMap(\.self)
    }
}
