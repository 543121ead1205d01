import Delivery
import FoundationEssentials
import Glibc
import KeyturnConfig
import Rotation
import RotationEngine
import SecretsDirectory
import TimeZones

/// Reads the configuration files and everything that they name on this machine: users, groups, templates.
package struct ConfigurationLoader: Sendable {
    /// Why a configuration is refused: diagnostics, each a line of its own.
    package struct Refused: Error, Hashable, Sendable {
        /// The errors.
        package let lines: [String]
        /// What else was found; it may only be what an error led to.
        package let warnings: [String]
        /// The same errors and warnings, the errors first, as far as they have a place in a file.
        package let diagnostics: [Diagnostic]
        /// The errors that have none.
        package let others: [String]
        /// Which resources the errors are about, by line, where they are about one.
        let resources: [String: String]

        init(lines: [String]) {
            self.lines = lines
            warnings = []
            diagnostics = []
            others = lines
            resources = [:]
        }

        init(_ diagnostics: [Diagnostic], _ errors: [String]) {
            resources = Dictionary(
                diagnostics.compactMap { diagnostic in diagnostic.resource.map { (diagnostic.description, $0) } },
                uniquingKeysWith: { first, _ in first })
            let (mistakes, remarks) = (
                diagnostics.filter { $0.severity == .error }, diagnostics.filter { $0.severity == .warning }
            )
            self.diagnostics = mistakes + remarks
            others = errors
            lines = mistakes.map(\.description) + errors
            warnings = remarks.map(\.description)
        }
    }

    package let path: String

    /// - Parameter path: the main file; `conf.d/*.yaml` beside it are read after it, in the order of their names.
    package init(path: String) {
        // Paths in the file start at its directory, and have to be absolute.
        self.path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    package func load() -> Result<LoadedConfiguration, Refused> {
        let sources: [ConfigurationSource]
        do {
            sources = try read()
        } catch {
            return .failure(error)
        }
        let result = Configuration.parse(sources, in: Self.surroundings)
        guard let configuration = result.configuration else {
            return .failure(Refused(result.diagnostics, []))
        }
        var errors: [String] = []
        let loaded = LoadedConfiguration(
            configuration, warnings: result.diagnostics.filter { $0.severity == .warning }, path: path, errors: &errors)
        guard errors.isEmpty else {
            return .failure(Refused(result.diagnostics, errors))
        }
        return .success(loaded)
    }

    /// The time zones are read anew each time, so that what tzdata changed takes effect.
    private static var surroundings: ConfigurationSurroundings {
        let directory = TimeZoneDirectory()
        return ConfigurationSurroundings(
            now: SystemClock().now,
            zone: { name in
                do throws(TimeZoneDirectory.Unknown) {
                    return .known(try directory.zone(named: name))
                } catch {
                    return .unknown(error.description)
                }
            }, zoneNames: { directory.names() })
    }

    private func read() throws(Refused) -> [ConfigurationSource] {
        var sources: [ConfigurationSource] = []
        for file in try files() {
            sources.append(ConfigurationSource(path: file, bytes: try Self.bytes(file)))
        }
        return sources
    }

    /// The files that a load reads, in its order.
    package func files() throws(Refused) -> [String] {
        let directory = dropInDirectory
        guard FileManager.default.fileExists(atPath: directory) else { return [path] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw Refused(lines: ["\(directory): error: cannot be read: \(error)"])
        }
        return [path]
            + names.sorted().filter { $0.hasSuffix(".yaml") && !$0.hasPrefix(".") }.map { "\(directory)/\($0)" }
    }

    /// `conf.d` beside the main file, whether it is there or not.
    package var dropInDirectory: String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/conf.d"
    }

    private static func bytes(_ path: String) throws(Refused) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let cause = String(cString: strerror(errno))
            throw Refused(lines: ["\(path): error: cannot be read: \(cause)"])
        }
        defer { close(descriptor) }
        // One byte more than the parser accepts, so that it is the parser that refuses a file that is too long.
        let limit = 1_048_577
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < limit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                let cause = String(cString: strerror(errno))
                throw Refused(lines: ["\(path): error: cannot be read: \(cause)"])
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes
    }
}
