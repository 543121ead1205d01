import Rotation

extension Configuration {
    /// An entry of `discover`: which resources of Azure are taken up without being named.
    package struct DiscoveryRule: Hashable, Sendable {
        package let subscription: String
        /// nil: all of the subscription.
        package let resourceGroup: String?
        /// All of them have to be there; none: whatever they are.
        package let tags: [String: String]
        package let policyName: String
        package let policy: Policy
        /// The name of its credential, its own or its subscription's; nil: the general one.
        package let credential: String?
        package let name: NameTemplate
        /// Time between two looks.
        package let interval: Duration
        /// Remove what was published for a resource that Azure does not have any more.
        package let prune: Bool
        package let reload: [UnitToReload]
        package let run: [CommandToRun]
        package let files: [TemplateFile]

        package static let defaultInterval = Duration.seconds(3600)

        /// Whether the resource is where the rule looks.
        package func spans(_ id: ResourceID) -> Bool {
            id.subscription.lowercased() == subscription.lowercased()
                && (resourceGroup == nil || id.resourceGroup.lowercased() == resourceGroup?.lowercased())
        }

        /// Whether the rule is about the resource. Names of tags are compared without regard to case, as Azure does.
        package func covers(_ id: ResourceID, tags present: [String: String]) -> Bool {
            guard spans(id) else { return false }
            return tags.allSatisfy { wanted in
                present.contains { $0.key.lowercased() == wanted.key.lowercased() && $0.value == wanted.value }
            }
        }

        /// Where it looks, for messages and logs: an ARM id.
        package var scope: String {
            "/subscriptions/\(subscription)" + (resourceGroup.map { "/resourceGroups/\($0)" } ?? "")
        }

        func resource(_ id: ResourceID, named name: String) -> Resource {
            Resource(
                name: name, id: id, policyName: policyName, policy: policy, credential: credential, reload: reload,
                run: run, encrypt: nil, files: files)
        }
    }
}
