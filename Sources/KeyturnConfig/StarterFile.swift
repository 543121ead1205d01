import Rotation

/// The configuration file that is shipped, to start from.
package enum StarterFile {
    /// Why a starter cannot be made; a sentence for the person who asked for it.
    package struct Problem: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// The shipped file, with the line that tells editors of its schema.
    package static var text: String { String(decoding: PackageResources.keyturn_yaml, as: UTF8.self) }

    /// The shipped file with resources of one's own in place of its examples; as it is without any.
    ///
    /// - Parameter ids: ARM resource ids.
    package static func text(resources ids: [String]) throws(Problem) -> String {
        guard !ids.isEmpty else { return text }
        var resources: [ResourceID] = []
        for id in ids {
            do {
                let resource = try ResourceID(id)
                guard !resources.contains(resource) else { throw Problem(description: "\(id) is named twice.") }
                resources.append(resource)
            } catch let problem as Problem {
                throw problem
            } catch {
                throw Problem(description: "'\(clipped(id))' is no id of a CommunicationService: \(error).")
            }
        }
        return try fill(resources)
    }

    private static let example = """
          - name: contoso-sms
            id: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/messaging/providers/\
        Microsoft.Communication/communicationServices/contoso-sms
            policy: monthly

        """

    private static func fill(_ resources: [ResourceID]) throws(Problem) -> String {
        let names = names(of: resources)
        let entries = zip(resources, names).map { "  - name: \($1)\n    id: \($0)\n    policy: monthly\n" }
        var result = text
        // The first stands in the place of the example, whose comments go on below it; the others before it.
        guard let range = result.firstRange(of: example), let last = entries.last else {
            throw Problem(description: "This build's starter file has no example to replace.")
        }
        result.replaceSubrange(
            range, with: entries.dropLast().joined(separator: "\n") + (entries.count > 1 ? "\n" : "") + last)
        // The example's unit is nobody's.
        return result.replacing("    reload: [contoso-sms.service]\n", with: "    # reload: [contoso-sms.service]\n")
    }

    /// Their names in Azure, with the group before them where two are alike.
    private static func names(of resources: [ResourceID]) -> [String] {
        let counts = Dictionary(grouping: resources) { $0.name.lowercased() }.mapValues(\.count)
        var taken: Set<String> = []
        return resources.map { resource in
            let isAlone = counts[resource.name.lowercased()] == 1
            let wish = String((isAlone ? resource.name : "\(resource.resourceGroup)-\(resource.name)").prefix(60))
            let plain = String(wish.map { Names.problem("a\($0)") == nil ? $0 : "-" }.drop { "-.".contains($0) })
            let base = plain.isEmpty ? "resource" : plain
            var name = base
            var number = 2
            while !taken.insert(name).inserted {
                name = "\(base)-\(number)"
                number += 1
            }
            return name
        }
    }
}
