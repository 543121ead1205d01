import ArgumentParser
import FoundationEssentials
import Glibc
import KeyturnConfig
import Rotation

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a configuration file with comments to start from.",
        discussion: """
            It has every setting with its default. With --id, its resources are yours; 'keyturn discover' finds them in Azure. \
            A file that is there is left alone. Afterwards: keyturn check.
            """)

    @Argument(help: "Where to write it; '-' prints it.", completion: .file(extensions: ["yaml"]))
    var path = ConfigurationOption.defaultPath
    @Option(
        help: ArgumentHelp(
            "The ARM resource id of a CommunicationService; may be given several times.", valueName: "id"))
    var id: [String] = []

    func run() throws {
        let text: String
        do throws(StarterFile.Problem) {
            text = try StarterFile.text(resources: id)
        } catch {
            throw ValidationError(error.description)
        }
        guard path != "-" else {
            print(text, terminator: "")
            return
        }
        try write(text)
        print(
            "\(path): written; edit it, then run: keyturn check\(path == ConfigurationOption.defaultPath ? "" : " --config \(path)")"
        )
    }

    private func write(_ text: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let problem = errno == EEXIST ? "is there already, and is left as it is" : String(cString: strerror(errno))
            printError("keyturn: \(path): \(problem)")
            throw errno == EEXIST ? ExitStatus.temporary : ExitStatus.failure
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else {
                printError("keyturn: \(path): \(String(cString: strerror(errno)))")
                unlink(path)
                throw ExitStatus.failure
            }
            written += max(count, 0)
        }
    }
}
