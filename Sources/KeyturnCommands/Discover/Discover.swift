import ArgumentParser
import AzureKeys
import Daemon
import FoundationEssentials
import Glibc
import KeyturnConfig
import Logging
import Rotation
import RotationEngine
import Systemd

struct Discover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the CommunicationServices that the credential can see, as configuration.",
        discussion: """
            Without --subscription it looks in all subscriptions that the credential sees. What is printed is a \
            configuration that 'keyturn check' accepts, with a policy to begin with; with --policy, it is a file for \
            conf.d, whose policy is defined elsewhere. Nothing is changed.

            The credential is --credential, or what the configuration has for the subscription; without a configuration \
            file, the managed identity in AzureCloud. To have resources taken up as they appear, without naming them, see \
            'discover' in keyturn.yaml(5).
            """)

    @OptionGroup var file: ConfigurationOption
    @Option(help: ArgumentHelp("Look in this subscription. Repeatable.", valueName: "id")) var subscription: [String] =
        []
    @Option(help: ArgumentHelp("Look in this resource group of the subscription only.", valueName: "name"))
    var resourceGroup: String?
    @Option(
        help: ArgumentHelp(
            "Only those with this tag. Repeatable: all of them have to be there.", valueName: "name=value"))
    var tag: [String] = []
    @Option(
        help: ArgumentHelp(
            "A credential of the configuration, or managed-identity, workload-identity, environment, azure-cli or default.",
            valueName: "name"))
    var credential: String?
    @Option(help: ArgumentHelp("The policy of the resources; it is not printed.", valueName: "name")) var policy:
        String?
    @Flag(help: "Only those that the configuration does not have.") var new = false
    @Option(help: "How to print them: yaml or json.") var format = Format.yaml
    @Flag(help: "Show requests and answers on standard error; keys and tokens in them are masked.") var debug = false

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case yaml, json
    }

    func validate() throws {
        guard resourceGroup == nil || subscription.count == 1 else {
            throw ValidationError("--resource-group needs one --subscription: groups of two may have one name.")
        }
        for text in tag where !text.contains("=") || text.hasPrefix("=") {
            throw ValidationError("--tag '\(text)': write NAME=VALUE.")
        }
        for text in subscription {
            do throws(ResourceID.Malformed) {
                _ = try ResourceID(subscription: text, resourceGroup: resourceGroup ?? "group", name: "name")
            } catch {
                throw ValidationError("\(error.description).")
            }
        }
        if let policy, let problem = Configuration.problem(ofPolicyName: policy) {
            throw ValidationError("--policy '\(policy)' \(problem).")
        }
    }

    func run() async throws {
        let loaded = try configuration()
        let logger = Logger(label: "keyturn") { label in LogDestination.terminal.handler(label: label, level: .error) }
        let trace = debug ? WireTrace { printError($0) } : nil
        let setup = AzureSetup(environment: CommandEnvironment.value, trace: trace, logger: logger)
        let tags = Dictionary(
            tag.map { text in
                let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), String(parts[1]))
            }, uniquingKeysWith: { $1 })
        let search = ServiceSearch(
            setup: setup, configuration: loaded?.configuration, credential: credential, subscriptions: subscription,
            resourceGroup: resourceGroup, tags: tags)
        let result = await search.run()
        for failure in result.failures {
            let id = failure.requestID.map { " (request id \($0))" } ?? ""
            printError("keyturn: \(failure.reason.rawValue): \(failure.detail)\(id)")
        }
        let configured = loaded?.resources ?? []
        let ids = Set(configured.map(\.id))
        let services = new ? result.services.filter { !ids.contains($0.id) } : result.services
        // Beside the resources that are configured, the others need names of their own.
        let taken = new || policy != nil ? Set(configured.map(\.name)) : []
        let found = DiscoveredServices(services, taken: taken, policy: policy)
        if !(services.isEmpty && !result.failures.isEmpty) {
            print(format == .json ? try JSONText.encode(found.entries, pretty: true) : found.yaml)
        }
        if services.isEmpty, result.failures.isEmpty {
            printError("keyturn: no CommunicationService was found; Azure lists only what the identity may read")
        }
        if let failure = result.failures.first { throw OnlineReport.exitCode(of: failure.reason) }
    }

    /// nil when there is no configuration file and none was asked for.
    private func configuration() throws -> LoadedConfiguration? {
        if file.config == ConfigurationOption.defaultPath, access(file.config, F_OK) != 0 { return nil }
        switch ConfigurationLoader(path: file.config).load() {
        case .success(let loaded): return loaded
        case .failure(let refused):
            for line in refused.lines { printError(line) }
            throw ExitStatus.configuration
        }
    }
}
