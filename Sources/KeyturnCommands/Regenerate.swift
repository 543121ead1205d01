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
            What New-AzCommunicationServiceKey does. The old value of that key dies at once; it cannot be undone. At a \
            terminal it asks first; elsewhere it needs --yes.
            Name the resource by --id, or by --name and --resource-group (and --subscription, by default \
            AZURE_SUBSCRIPTION_ID), or in --parameter; the key by --key-type or in --parameter.
            The credential is --credential, or what the configuration has for the resource; without a configuration file, the managed identity in AzureCloud.
            A resource that a running daemon manages is refused: use 'keyturn rotate'.
            """)

    @OptionGroup var control: ControlOptions
    @Option(help: "The CommunicationService's name.") var name: String?
    @Option(help: "Its resource group.") var resourceGroup: String?
    @Option(help: "Its subscription's id.") var subscription: String?
    @Option(
        help: ArgumentHelp(
            "Its ARM resource id, in place of the three; '-' reads the ids of several from standard input, one a line.",
            valueName: "id|-"))
    var id: String?
    @Option(help: "Primary or Secondary.") var keyType: String?
    @Option(
        help: ArgumentHelp(
            "A credential of the configuration, or managed-identity, workload-identity, environment, azure-cli or default.",
            valueName: "name"))
    var credential: String?
    @Option(
        help: ArgumentHelp(
            #"The request as JSON, such as {"keyType":"Primary"}, also with id or name, resourceGroup and subscription; "#
                + "'@FILE' reads it from a file, '-' from standard input.", valueName: "json|@file|-"))
    var parameter: String?
    @Flag(help: "Look at the resource and say what would be done; change nothing.") var whatIf = false
    @Flag(inversion: .prefixedNo, help: "Ask before it is done; the default.") var confirm: Bool?
    @Flag(name: [.short, .long], help: "Do not ask.") var yes = false
    @Option(help: "How to print the new key: json, table or env.") var format = Format.json
    @Flag(help: "Show requests and answers on standard error; keys and tokens in them are masked.") var debug = false

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json, table, env
    }

    func validate() throws {
        if yes, confirm == true { throw ValidationError("--yes and --confirm contradict each other.") }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let targets = try self.targets(environment)
        if targets.count > 1, format == .env {
            throw ValidationError("--format env is for one key; give --format json or table.")
        }
        let loaded = try configuration()
        var confirmation = ConfirmationPrompt.atTerminal(
            asks: !yes && confirm != false && !whatIf, count: targets.count,
            standardInputIsTaken: id == "-" || parameter == "-")
        var first: ExitCode?
        var done = 0
        for target in targets {
            do {
                try await regenerate(target, loaded, environment, &confirmation, isFirst: done == 0)
                done += 1
            } catch let code as ExitCode {
                first = first ?? code
            }
        }
        if targets.count > 1 {
            printError("keyturn: \(done) of \(targets.count) \(whatIf ? "looked at" : "regenerated")")
        }
        if let first { throw first }
    }

    private func regenerate(
        _ target: RegenerateTarget, _ loaded: LoadedConfiguration?, _ environment: [String: String],
        _ confirmation: inout ConfirmationPrompt, isFirst: Bool
    ) async throws {
        let clients: AzureClients
        do throws(Failure) {
            clients = try AzureSetup(environment: environment, trace: trace, logger: logger()).oneShot(
                loaded?.configuration, credential: credential, for: target.id)
        } catch {
            throw refuse(error, target)
        }
        do {
            try await regenerate(target, loaded, clients, &confirmation, isFirst: isFirst)
        } catch {
            await clients.shutdown()
            throw error
        }
        await clients.shutdown()
    }

    private func regenerate(
        _ target: RegenerateTarget, _ loaded: LoadedConfiguration?, _ clients: AzureClients,
        _ confirmation: inout ConfirmationPrompt, isFirst: Bool
    ) async throws {
        let guardian = OneShotGuard(target: target, loaded: loaded, client: control.client())
        try await guardian.withTurn { now in
            let before: KeyListing
            do throws(Failure) {
                before = try await clients.resourceManager.listKeys(target.id)
            } catch {
                throw refuse(error, target)
            }
            if whatIf {
                print("would regenerate the \(target.keyType) key of \(target.id)")
                print("its fingerprint now: \(before.fingerprints[target.keyType]); that key would stop working")
                return
            }
            try ask(target, &confirmation)
            try await send(target, before, clients, isFirst: isFirst)
        }
    }

    private func send(
        _ target: RegenerateTarget, _ before: KeyListing, _ clients: AzureClients, isFirst: Bool
    ) async throws {
        switch await clients.resourceManager.regenerate(target.id, target.keyType) {
        case .regenerated(_, let connectionString):
            try show(target, connectionString, isFirst)
        case .notExecuted(let failure):
            throw refuse(failure, target)
        case .ambiguous(let failure):
            printError("keyturn: \(failure.detail); looking whether it was done all the same")
            guard let changed = await watch(target, before, clients) else {
                printError(
                    "keyturn: the \(target.keyType) key has not changed for two minutes; it was most likely not"
                        + " regenerated. Fingerprint: \(before.fingerprints[target.keyType])")
                throw ExitStatus.temporary
            }
            try show(target, changed, isFirst)
        }
    }

    private func show(_ target: RegenerateTarget, _ connectionString: ConnectionString, _ isFirst: Bool) throws {
        let key = RegeneratedKey(target: target, connectionString: connectionString)
        print(try key.text(format, isOneOfSeveral: id == "-", isFirst: isFirst))
        // Whoever reads gets each key as soon as there is one: there is no other way to it.
        fflush(nil)
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

    private func targets(_ environment: [String: String]) throws -> [RegenerateTarget] {
        let defaultSubscription = environment["AZURE_SUBSCRIPTION_ID"]
        var naming = RegenerateTarget.Naming(
            name: name, resourceGroup: resourceGroup, subscription: subscription, id: id, keyType: keyType,
            parameter: try json())
        do throws(RegenerateTarget.Misnamed) {
            guard id == "-" else {
                return [try RegenerateTarget(naming, defaultSubscription: defaultSubscription)]
            }
            naming.id = nil
            return try RegenerateTargets(
                lines: standardInput().split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
                    String($0)
                },
                naming, defaultSubscription: defaultSubscription
            ).targets
        } catch {
            throw ValidationError(error.description)
        }
    }

    private func json() throws -> String? {
        if parameter == "-" {
            guard id != "-" else { throw ValidationError("Only one of --id and --parameter can be standard input.") }
            return standardInput()
        }
        guard let parameter, parameter.hasPrefix("@") else { return parameter }
        let path = String(parameter.dropFirst())
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("--parameter: the file \(path) cannot be read.")
        }
        return String(decoding: data, as: UTF8.self)
    }

    private func standardInput() -> String {
        var text = ""
        while let line = readLine(strippingNewline: false) { text += line }
        return text
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

    private func ask(_ target: RegenerateTarget, _ confirmation: inout ConfirmationPrompt) throws {
        let answer = confirmation.ask(
            "Regenerate the \(target.keyType) key of \(target.id)?\nIts old value stops working at once.")
        switch answer {
        case .yes: return
        case .no, .quit:
            printError("keyturn: nothing was changed\(id == "-" ? " at \(target.id.name)" : "")")
            throw ExitStatus.temporary
        case .noTerminal:
            printError("keyturn: nobody can be asked here; give --yes to regenerate without asking")
            throw ExitStatus.usage
        }
    }

    private var trace: WireTrace? {
        debug ? WireTrace { printError($0) } : nil
    }

    private func logger() -> Logger {
        Logger(label: "keyturn") { label in LogDestination.terminal.handler(label: label, level: .warning) }
    }

    /// Says why Azure did not do it, and picks the exit status.
    private func refuse(_ failure: Failure, _ target: RegenerateTarget) -> ExitCode {
        let requestID = failure.requestID.map { " (request id \($0))" } ?? ""
        let which = id == "-" ? "\(target.id.name): " : ""
        printError("keyturn: \(which)\(failure.reason.rawValue): \(failure.detail)\(requestID)")
        switch failure.reason {
        case .unreachable, .timeout, .azureUnavailable: return ExitStatus.unavailable
        case .throttled, .conflict, .undecided: return ExitStatus.temporary
        default: return ExitStatus.refused
        }
    }
}
