import Rotation

extension Configuration {
    /// What came of taking up discovered resources.
    package struct Enrolment: Sendable {
        /// A discovered resource that is not taken up.
        package struct Refusal: Hashable, Sendable {
            package let id: ResourceID
            package let name: String
            /// Why, and what to do; a sentence.
            package let detail: String
        }

        /// The configuration with the discovered resources as if its files named them.
        package let configuration: Configuration
        package let refusals: [Refusal]
    }

    /// Takes up discovered resources after those that the files name. One that a file names, too, is that of the file.
    /// A name is kept by who had it first.
    ///
    /// - Parameter discovered: in the order in which they were found; those that no rule covers (any more) are left out.
    package func enrolling(_ discovered: [(id: ResourceID, tags: [String: String])]) -> Enrolment {
        var owners = Dictionary(resources.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        let written = Set(owners.keys)
        var seen = Set(resources.map(\.id))
        var enrolled: [Resource] = []
        var refusals: [Enrolment.Refusal] = []
        for (id, tags) in discovered where seen.insert(id).inserted {
            guard let rule = discover.first(where: { $0.covers(id, tags: tags) }) else { continue }
            let name = rule.name.name(of: id)
            if let owner = owners[name] {
                let what = written.contains(name) ? "is in the configuration" : "was discovered before"
                refusals.append(
                    .init(
                        id: id, name: name,
                        detail:
                            "\(owner), which \(what), has the name '\(name)'; put {resourceGroup} or {subscription} into"
                            + " 'name' of the rule, or name one of them under 'resources'"))
            } else if let problem = Names.problem(name) {
                refusals.append(
                    .init(
                        id: id, name: name,
                        detail:
                            "the name '\(clipped(name))' \(problem); shorten 'name' of the rule, or name the resource"
                            + " under 'resources'"))
            } else {
                owners[name] = id
                enrolled.append(rule.resource(id, named: name))
            }
        }
        guard !enrolled.isEmpty else { return Enrolment(configuration: self, refusals: refusals) }
        let whole = Configuration(
            azure: azure, state: state, secrets: secrets, control: control, metrics: metrics, policies: policies,
            resources: resources + enrolled, discover: discover)
        return Enrolment(configuration: whole, refusals: refusals)
    }
}
