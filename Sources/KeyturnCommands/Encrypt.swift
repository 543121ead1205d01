import ArgumentParser
import Daemon
import Delivery
import Glibc
import KeyMaterial
import KeyturnConfig
import Rotation
import SecretsDirectory

struct Encrypt: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the encrypted credential of a resource, of what is published.",
        discussion: """
            What keyturn-encrypt@NAME.service runs, as root, for each new connection string of a resource that has \
            'encrypt' in the configuration. The credential is written to a file of its own name, for \
            LoadCredentialEncrypted= and ImportCredential= of the services that use it.
            """)

    @OptionGroup var file: ConfigurationOption
    @Option(help: ArgumentHelp("Where credentials are kept.", valueName: "path"))
    var directory = "/etc/credstore.encrypted"
    @Argument(help: "The resource.")
    var name: String

    func run() async throws {
        // A systemd-creds that gives up before it has read the secret says why.
        signal(SIGPIPE, SIG_IGN)
        let loader = ConfigurationLoader(path: file.config)
        // It says which file root is to write.
        for path in ((try? loader.files()) ?? [loader.path]) + [loader.dropInDirectory] {
            if let problem = Ownership.problem(of: path) { throw refused("\(problem); nothing was encrypted") }
        }
        let loaded: LoadedConfiguration
        switch loader.load() {
        case .success(let value): loaded = value
        case .failure(let refusal):
            for line in refusal.lines { printError(line) }
            throw ExitStatus.configuration
        }
        guard let resource = loaded.configuration.resources.first(where: { $0.name == name }),
            let credential = resource.encrypt
        else {
            printError("keyturn: no resource '\(name)' with 'encrypt' is in \(file.config)")
            throw ExitStatus.usage
        }
        do {
            guard let published = try published(loaded) else {
                printError("keyturn: \(name): nothing is published yet")
                throw ExitStatus.temporary
            }
            let bytes = try await CredentialEncryptor().encrypt(
                published, name: credential.name, key: credential.key.rawValue)
            try AtomicFile.write(bytes, to: credential.name, in: directory, mode: 0o600)
            print("\(directory)/\(credential.name): written")
        } catch let failure as Failure {
            throw refused(failure.detail)
        } catch let failed as AtomicFile.Failed {
            throw refused("\(directory)/\(credential.name): \(failed.operation) failed: \(failed.cause)")
        }
    }

    private func refused(_ problem: String) -> ExitCode {
        printError("keyturn: \(problem)")
        return ExitStatus.failure
    }

    /// Reads as the user that publishes, so that what he puts in the place of a file is not read with root's rights.
    private func published(_ loaded: LoadedConfiguration) throws -> Secret? {
        var status = stat()
        guard stat(loaded.secrets.path, &status) == 0 else { return nil }
        guard geteuid() == 0, status.st_uid != 0 else { return try read(loaded) }
        guard setgroups(0, nil) == 0, setegid(status.st_gid) == 0, seteuid(status.st_uid) == 0 else {
            throw Failure(
                .deliveryFailed, "the rights of root could not be given up: \(String(cString: strerror(errno)))")
        }
        let result = Result { try read(loaded) }
        guard seteuid(0) == 0, setegid(0) == 0 else {
            throw Failure(.deliveryFailed, "the rights of root could not be had again")
        }
        return try result.get()
    }

    private func read(_ loaded: LoadedConfiguration) throws -> Secret? {
        try loaded.secrets.connectionString(name)?.secret
    }
}
