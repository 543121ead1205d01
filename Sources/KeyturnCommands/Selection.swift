import ArgumentParser
import Daemon

/// Which resources a command is for: some by name, all, or all of a policy.
struct Selection: ParsableArguments {
    @Argument(help: "The resources' names.") var names: [String] = []
    @Flag(help: "All resources of the running configuration.") var all = false
    @Option(help: ArgumentHelp("With --all: only those of this policy.", valueName: "name")) var policy: String?

    func validate() throws {
        guard all || policy == nil else { throw ValidationError("--policy goes with --all.") }
        guard all != !names.isEmpty else {
            throw ValidationError(all ? "Name resources, or say --all." : "Name at least one resource, or say --all.")
        }
    }

    /// The names, each once, in the order given; of `--all`, as the daemon has them.
    func resolved(_ client: ControlClient) async throws -> [String] {
        guard all else {
            var seen: Set<String> = []
            return names.filter { seen.insert($0).inserted }
        }
        let resources = try await asking { try await client.status() }.resources
        let chosen = resources.filter { policy == nil || $0.policy == policy }
        guard !chosen.isEmpty else {
            let policies = Set(resources.map(\.policy)).sorted().joined(separator: ", ")
            printError(
                resources.isEmpty
                    ? "keyturn: the running configuration has no resources"
                    : "keyturn: no resource has the policy '\(policy ?? "")'; those in use are: \(policies)")
            throw ExitStatus.usage
        }
        return chosen.map(\.name)
    }
}
