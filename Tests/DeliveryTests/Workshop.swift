import Delivery
import Glibc
import Logging
import Rotation
import Synchronization
import Systemd

/// A test's own directory, log and context. The directory is removed with the files in it when the value goes.
final class Workshop: Sendable {
    struct Failed: Error {
        let errno: Int32
    }

    struct Line: Equatable {
        let level: Logger.Level
        let message: String
        let metadata: Logger.Metadata
    }

    let directory: String
    private let lines = Mutex<[Line]>([])

    init() throws {
        var template = Array("/tmp/keyturn-delivery.XXXXXX\0".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failed(errno: errno) }
        directory = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in ["script", "pid", "a", "b", "told"] { unlink(directory + "/" + name) }
        rmdir(directory)
    }

    var logger: Logger {
        Logger(label: "delivery") { _ in RecordingHandler(workshop: self) }
    }

    var context: DeliveryContext {
        DeliveryContext(
            resource: "contoso-sms", keyType: .secondary, version: 42, publishedAt: Instant(unixMicroseconds: 1000),
            secretsDirectory: "/secrets/contoso sms")
    }

    /// What was logged of the output of commands.
    var output: [String] { logged.compactMap { $0.metadata["line"]?.description } }

    var logged: [Line] { lines.withLock { $0 } }

    func deliver(
        to consumers: [Consumer], timeout: Duration = .seconds(300), grace: Duration = .milliseconds(50),
        bus: String? = nil
    ) async -> [ConsumerResult] {
        let manager = ServiceManager(address: bus ?? "unix:path=\(directory)/no-bus")
        let deliverer = Deliverer(manager: manager, timeout: timeout, grace: grace, logger: logger)
        return await deliverer.deliver(to: consumers, context: context)
    }

    func deliver(
        to consumer: Consumer, timeout: Duration = .seconds(300), grace: Duration = .milliseconds(50)
    ) async -> ConsumerResult? {
        await deliver(to: [consumer], timeout: timeout, grace: grace).first
    }

    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o755) throws -> String {
        let path = directory + "/" + name
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Failed(errno: errno) }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else { throw Failed(errno: errno) }
        return path
    }

    /// The process id that a command wrote to the file `pid`; nil while there is none.
    func processID() -> pid_t? {
        guard let file = fopen(directory + "/pid", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 32)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
        return pid_t(strtol(buffer, nil, 10))
    }

    fileprivate func append(_ line: Line) {
        lines.withLock { $0.append(line) }
    }
}

private struct RecordingHandler: LogHandler {
    let workshop: Workshop
    var logLevel: Logger.Level = .trace
    var metadata: Logger.Metadata = [:]

    init(workshop: Workshop) {
        self.workshop = workshop
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        workshop.append(
            .init(level: event.level, message: event.message.description, metadata: event.metadata ?? [:]))
    }
}

/// Whether the process still runs; one that is dead but not yet collected does not.
func isRunning(_ process: pid_t) -> Bool {
    guard let file = fopen("/proc/\(process)/stat", "r") else { return false }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 512)
    guard fgets(&buffer, Int32(buffer.count), file) != nil else { return false }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.split(separator: ") ").last?.hasPrefix("Z") == false
}

func eventually(_ condition: () throws -> Bool) async throws {
    while try !condition() {
        try await Task.sleep(for: .milliseconds(5))
    }
}
