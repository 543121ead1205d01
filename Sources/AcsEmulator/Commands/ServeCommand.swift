import ArgumentParser
import FoundationEssentials
import Logging
import UnixSignals

/// `acs-emulator serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the emulator until SIGTERM or SIGINT.",
        discussion: FaultHelp.text)

    @Option(help: ArgumentHelp("Where to listen; loopback only, port 0 for a free one.", valueName: "HOST:PORT"))
    var listen = "127.0.0.1:0"

    @Option(
        help: ArgumentHelp("A resource, as SUBSCRIPTION/GROUP/NAME or its ARM id. Repeatable.", valueName: "resource"))
    var resource: [String] = []

    @Option(help: ArgumentHelp("That many made-up resources, for load.", valueName: "N"))
    var resources = 0

    @Option(
        help: ArgumentHelp("Write addresses and resources to this file, as JSON, once listening.", valueName: "path"))
    var readyFile: String?

    @Option(help: "The application (client) id that tokens are issued to.")
    var clientID = EmulatorConfiguration.defaultClientID

    @Option(help: "The tenant id.")
    var tenant = EmulatorConfiguration.defaultTenantID

    @Option(help: ArgumentHelp("Read the client secret from this file. Without it, one is made.", valueName: "path"))
    var clientSecretFile: String?

    @Option(help: ArgumentHelp("Write the client secret to this file, for the client.", valueName: "path"))
    var writeClientSecret: String?

    @Option(
        help: ArgumentHelp(
            "Let the app registration have the certificates in this file, PEM. Repeatable.", valueName: "path"))
    var clientCertificate: [String] = []

    @Option(
        help: ArgumentHelp(
            "Make a certificate for the app registration, and write it with its key to this file, PEM.",
            valueName: "path"))
    var writeClientCertificate: String?

    @Option(
        help: ArgumentHelp(
            "Write a token of the issuer that the app registration trusts to this file (workload identity).",
            valueName: "path"))
    var writeFederatedToken: String?

    @Option(
        help: ArgumentHelp(
            "Write the value of IDENTITY_HEADER to this file; IDENTITY_ENDPOINT is ORIGIN/msi/token.", valueName: "path"
        ))
    var writeIdentityHeader: String?

    @Option(
        help: ArgumentHelp(
            "Be the agent of Azure Arc, too, at ORIGIN/arc/metadata/identity/oauth2/token, with its challenges here.",
            valueName: "directory"))
    var arcDirectory: String?

    @Option(help: ArgumentHelp("How long tokens are good.", valueName: "seconds"))
    var tokenLifetime = 3600

    @Flag(help: "Serve HTTPS, with a certificate authority made for this run.")
    var tls = false

    @Option(help: ArgumentHelp("Write the authority's certificate to this file, PEM; needs --tls.", valueName: "path"))
    var caFile: String?

    @Option(help: ArgumentHelp("Something that goes wrong; see below. Repeatable.", valueName: "fault"))
    var fault: [String] = []

    @Option(help: ArgumentHelp("Size of the bucket that ARM's write throttle starts with.", valueName: "N"))
    var writeBucket = 200

    @Option(help: ArgumentHelp("Writes a second that come back to the bucket.", valueName: "N"))
    var writeRefill = 10

    @Option(help: ArgumentHelp("The most entries on one page of a list; the next is behind nextLink.", valueName: "N"))
    var pageSize = 100

    @Option(
        help: ArgumentHelp(
            "How long it takes what Azure goes on with after its answer: a resource that is made or deleted, an email, a "
                + "phone number.", valueName: "milliseconds"))
    var operationTime = 500

    @Option(help: "How to log each call, to standard error: text or json.")
    var logFormat = LogFormat.text

    @Flag(help: "Log warnings only, not each call.")
    var quiet = false

    func validate() throws {
        _ = try makeConfiguration(secret: "")
        guard caFile == nil || tls else {
            throw ValidationError("--ca-file needs --tls: without TLS there is no certificate")
        }
    }

    func run() async throws {
        let secret = try clientSecretFile.map { try ClientSecretFile.read($0) } ?? GeneratedKey().text
        var configuration = try makeConfiguration(secret: secret)
        configuration.clientCertificates = try clientCertificate.flatMap { try ClientCertificates.read($0) }
        if let writeClientCertificate {
            let made = try ClientCertificates.make()
            try AtomicFile.write(Array(made.pem.utf8), to: writeClientCertificate, mode: 0o600)
            configuration.clientCertificates.append(made.der)
        }
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let logger = configuration.logger
        try await Emulator.withRunning(configuration) { emulator in
            try writeFiles(for: emulator)
            logger.notice(
                "listening",
                metadata: ["resourceManager": "\(emulator.origin)", "resources": "\(emulator.resources.count)"])
            for await _ in signals { break }
        }
    }

    private func writeFiles(for emulator: RunningEmulator) throws {
        if let writeClientSecret {
            try AtomicFile.write(Array(emulator.clientSecret.utf8), to: writeClientSecret, mode: 0o600)
        }
        if let writeFederatedToken {
            let token = emulator.federatedToken(lifetime: Self.federatedTokenLifetime)
            try AtomicFile.write(Array(token.utf8), to: writeFederatedToken, mode: 0o600)
        }
        if let writeIdentityHeader {
            try AtomicFile.write(Array(emulator.identityHeader.utf8), to: writeIdentityHeader, mode: 0o600)
        }
        if let caFile, let certificate = emulator.certificateAuthorityPEM {
            try AtomicFile.write(Array(certificate.utf8), to: caFile, mode: 0o644)
        }
        if let readyFile {
            try AtomicFile.write(JSONText.bytes(ReadyFile(emulator)) + [UInt8(ascii: "\n")], to: readyFile, mode: 0o644)
        }
    }

    /// A day: there is no kubelet to renew it.
    private static let federatedTokenLifetime = 86_400

    func makeConfiguration(secret: String) throws -> EmulatorConfiguration {
        var configuration: EmulatorConfiguration
        do {
            configuration = EmulatorConfiguration(resources: try resourceIDs())
            configuration.faults = try fault.map { try EmulatorFault($0) }
        } catch let malformed as EmulatorFault.Malformed {
            throw ValidationError("--fault: \(malformed)")
        } catch let malformed as EmulatorResourceProblem {
            throw ValidationError(malformed.description)
        }
        configuration.port = try port()
        guard (1...86_400).contains(tokenLifetime) else {
            throw ValidationError("--token-lifetime \(tokenLifetime): from 1 to 86400 seconds")
        }
        guard (1...1_000_000).contains(writeBucket), (1...1_000_000).contains(writeRefill) else {
            throw ValidationError("--write-bucket and --write-refill take numbers from 1 to 1000000")
        }
        guard (1...10_000).contains(pageSize) else {
            throw ValidationError("--page-size \(pageSize): from 1 to 10000")
        }
        guard (0...3_600_000).contains(operationTime) else {
            throw ValidationError("--operation-time \(operationTime): from 0 to 3600000 milliseconds")
        }
        for (option, id) in [("--client-id", clientID), ("--tenant", tenant)]
        where id.isEmpty || !id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-.".contains($0)) }) {
            throw ValidationError("\(option) '\(id)': letters, digits, '-' and '.' only")
        }
        configuration.clientID = clientID
        configuration.tenantID = tenant
        configuration.clientSecret = secret
        configuration.tokenLifetime = tokenLifetime
        configuration.pageSize = pageSize
        configuration.operationTime = Double(operationTime) / 1000
        configuration.arcDirectory = arcDirectory
        configuration.tls = tls
        configuration.writeLimit = .init(capacity: writeBucket, refillPerSecond: writeRefill)
        let format = logFormat
        configuration.logger = Logger(label: "acs-emulator") { _ in EmulatorLogHandler(format: format) }
        configuration.logger.logLevel = quiet ? .warning : .info
        try checkFaultResources(configuration)
        return configuration
    }

    private func checkFaultResources(_ configuration: EmulatorConfiguration) throws {
        var table = FaultTable()
        do {
            try table.replace(configuration.faults) { text in
                configuration.resources.firstIndex { $0.isMeant(by: text) }
            }
        } catch {
            throw ValidationError("--fault: \(error)")
        }
    }

    private struct EmulatorResourceProblem: Error {
        let description: String
    }

    private func resourceIDs() throws -> [EmulatedResourceID] {
        do {
            guard (0...EmulatedResourceID.limit).contains(resources) else {
                throw EmulatorResourceProblem(
                    description: "--resources \(resources): from 0 to \(EmulatedResourceID.limit)")
            }
            var ids = try resource.map { try EmulatedResourceID($0) } + EmulatedResourceID.madeUp(resources)
            if ids.isEmpty { ids = [try EmulatedResourceID(Self.defaultResource)] }
            guard Set(ids).count == ids.count else {
                throw EmulatorResourceProblem(description: "--resource: the same resource is named twice")
            }
            guard ids.count <= EmulatedResourceID.limit else {
                throw EmulatorResourceProblem(description: "at most \(EmulatedResourceID.limit) resources")
            }
            return ids
        } catch let malformed as EmulatedResourceID.Malformed {
            throw EmulatorResourceProblem(description: "--resource: \(malformed)")
        }
    }

    private static let defaultResource = "00000000-0000-0000-0000-000000000001/practice/contoso-sms"

    private func port() throws -> Int {
        let parts = listen.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let port = Int(parts[1]), (0...65_535).contains(port) else {
            throw ValidationError(
                "--listen '\(listen)': write HOST:PORT, as in 127.0.0.1:8090, with port 0 for a free one")
        }
        guard parts[0] == "127.0.0.1" || parts[0] == "localhost" else {
            throw ValidationError(
                "--listen '\(listen)': the emulator listens on loopback only; write 127.0.0.1:\(port) (its resources "
                    + "get the addresses from 127.0.0.2 up, on the same port)")
        }
        return port
    }
}
