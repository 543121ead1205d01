import ArgumentParser
import AzureKeys
import Daemon
import FoundationEssentials
import Glibc
import KeyMaterial
import KeyturnConfig
import Logging
import Rotation
import Systemd

struct Regenerate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Regenerate one key of one resource by hand, without the daemon, and print it.",
        discussion: """
            What New-AzCommunicationServiceKey does. The old value of that key dies at once; it cannot be undone.
            Name the resource by --id, or by --name and --resource-group (and --subscription, by default \
            AZURE_SUBSCRIPTION_ID), or in --parameter; the key by --key-type or in --parameter.
            The credential is --credential, or what the configuration has for the resource; without a configuration file, the managed identity in AzureCloud.
            A resource that a running daemon manages is refused: use 'keyturn rotate'.
            """)

    @OptionGroup var control: ControlOptions
    @Option(help: "The CommunicationService's name.") var name: String?
    @Option(help: "Its resource group.") var resourceGroup: String?
    @Option(help: "Its subscription's id.") var subscription: String?
    @Option(help: "Its ARM resource id, in place of the three.") var id: String?
    @Option(help: "Primary or Secondary.") var keyType: String?
    @Option(
        help: ArgumentHelp(
            "A credential of the configuration, or managed-identity, workload-identity, environment, azure-cli or default.",
            valueName: "name"))
    var credential: String?
    @Option(
        help: ArgumentHelp(
            #"The request as JSON, such as {"keyType":"Primary"}, also with id or name, resourceGroup and subscription; "#
                + "'-' reads it from standard input.", valueName: "json|-"))
    var parameter: String?
    @Flag(help: "Look at the resource and say what would be done; change nothing.") var whatIf = false
    @Flag(inversion: .prefixedNo, help: "Ask before it is done; the default at a terminal.") var confirm: Bool?
    @Flag(name: [.short, .long], help: "Do not ask.") var yes = false
    @Option(help: "How to print the new key: json, table or env.") var format = Format.json
    @Flag(help: "Log each call to Azure on standard error; keys and tokens are never logged.") var debug = false

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json, table, env
    }

    func validate() throws {
        if yes, confirm == true { throw ValidationError("--yes and --confirm contradict each other.") }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let target = try self.target(environment)
        let loaded = try configuration()
        let clients: AzureClients
        do throws(Failure) {
            clients = try AzureSetup(environment: environment, logger: logger()).oneShot(
                loaded?.configuration, credential: credential, for: target.id)
        } catch {
            throw refuse(error)
        }
        do {
            try await regenerate(target, loaded, clients)
        } catch {
            await clients.shutdown()
            throw error
        }
        await clients.shutdown()
    }

    private func regenerate(
        _ target: RegenerateTarget, _ loaded: LoadedConfiguration?, _ clients: AzureClients
    ) async throws {
        let guardian = OneShotGuard(target: target, loaded: loaded, client: control.client())
        try await guardian.withTurn { now in
            let before: KeyListing
            do throws(Failure) {
                before = try await clients.resourceManager.listKeys(target.id)
            } catch {
                throw refuse(error)
            }
            if whatIf {
                print("would regenerate the \(target.keyType) key of \(target.id)")
                print("its fingerprint now: \(before.fingerprints[target.keyType]); that key would stop working")
                return
            }
            try ask(target)
            try await send(target, before, clients)
        }
    }

    private func send(_ target: RegenerateTarget, _ before: KeyListing, _ clients: AzureClients) async throws {
        switch await clients.resourceManager.regenerate(target.id, target.keyType) {
        case .regenerated(_, let connectionString):
            print(try RegeneratedKey(target: target, connectionString: connectionString).text(format))
        case .notExecuted(let failure):
            throw refuse(failure)
        case .ambiguous(let failure):
            printError("keyturn: \(failure.detail); looking whether it was done all the same")
            guard let changed = await watch(target, before, clients) else {
                printError(
                    "keyturn: the \(target.keyType) key has not changed for two minutes; it was most likely not"
                        + " regenerated. Fingerprint: \(before.fingerprints[target.keyType])")
                throw ExitStatus.temporary
            }
            print(try RegeneratedKey(target: target, connectionString: changed).text(format))
        }
    }

    /// The new key, when it shows within two minutes; nothing is sent a second time.
    private func watch(
        _ target: RegenerateTarget, _ before: KeyListing, _ clients: AzureClients
    ) async -> ConnectionString? {
        for _ in 0..<24 {
            if let now = try? await clients.resourceManager.listKeys(target.id),
                now.fingerprints[target.keyType] != before.fingerprints[target.keyType]
            {
                return now[target.keyType]
            }
            guard (try? await Task.sleep(for: .seconds(5))) != nil else { return nil }
        }
        return nil
    }

    private func target(_ environment: [String: String]) throws -> RegenerateTarget {
        var json = parameter
        if json == "-" {
            var text = ""
            while let line = readLine(strippingNewline: false) { text += line }
            json = text
        }
        let naming = RegenerateTarget.Naming(
            name: name, resourceGroup: resourceGroup, subscription: subscription, id: id, keyType: keyType,
            parameter: json)
        do {
            return try RegenerateTarget(naming, defaultSubscription: environment["AZURE_SUBSCRIPTION_ID"])
        } catch {
            throw ValidationError(error.description)
        }
    }

    /// nil when there is no configuration file and none was asked for.
    private func configuration() throws -> LoadedConfiguration? {
        let path = control.configuration.config
        if path == ConfigurationOption.defaultPath, access(path, F_OK) != 0 { return nil }
        switch ConfigurationLoader(path: path).load() {
        case .success(let loaded): return loaded
        case .failure(let refused):
            for line in refused.lines { printError(line) }
            throw ExitStatus.configuration
        }
    }

    private func ask(_ target: RegenerateTarget) throws {
        guard !yes, confirm != false else { return }
        guard isatty(STDIN_FILENO) == 1 else {
            printError("keyturn: nobody can be asked here; give --yes to regenerate without asking")
            throw ExitStatus.usage
        }
        let question =
            "Regenerate the \(target.keyType) key of \(target.id)?\nIts old value stops working at once. [y/N] "
        printError(question, terminator: "")
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            printError("keyturn: nothing was changed")
            throw ExitStatus.temporary
        }
    }

    private func logger() -> Logger {
        let level: Logger.Level = debug ? .trace : .warning
        return Logger(label: "keyturn") { label in LogDestination.terminal.handler(label: label, level: level) }
    }

    /// Says why Azure did not do it, and picks the exit status.
    private func refuse(_ failure: Failure) -> ExitCode {
        let id = failure.requestID.map { " (request id \($0))" } ?? ""
        printError("keyturn: \(failure.reason.rawValue): \(failure.detail)\(id)")
        switch failure.reason {
        case .unreachable, .timeout, .azureUnavailable: return ExitStatus.unavailable
        case .throttled, .conflict, .undecided: return ExitStatus.temporary
        default: return ExitStatus.refused
        }
    }
}
