import Glibc
import NIOPosix
import Synchronization

/// A process of ours, with nothing of this one's environment but what it is given.
final class ChildProcess: Sendable {
    enum Ending: Hashable {
        case exited(Int32)
        case killed(by: Int32)
    }

    let pid: pid_t
    private let ending = Mutex<Ending?>(nil)

    /// - Parameters:
    ///   - output: the file that standard output is appended to, likewise `errors`.
    ///   - leadsSession: a terminal that is its input becomes its controlling terminal.
    init(
        _ program: String, _ arguments: [String], environment: [String: String], input: String, output: String,
        errors: String, leadsSession: Bool = false
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let append = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, append, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, append, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let session: Int32 = leadsSession ? Self.setsidFlag : 0
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | session))
        var child: pid_t = 0
        let words = [program] + arguments
        let variables = environment.map { "\($0)=\($1)" }
        let result = Self.withCStrings(words) { words in
            Self.withCStrings(variables) { posix_spawn(&child, program, &actions, &attributes, words, $0) }
        }
        guard result == 0 else { throw TestError("\(program): \(String(cString: strerror(result)))") }
        pid = child
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        return body(pointers)
    }

    /// nil while it runs.
    var ended: Ending? {
        ending.withLock { ending in
            if ending == nil {
                var status: Int32 = 0
                if waitpid(pid, &status, WNOHANG) == pid { ending = Self.ending(status) }
            }
            return ending
        }
    }

    /// `POSIX_SPAWN_SETSID`, which `spawn.h` has only under `_GNU_SOURCE`.
    private static let setsidFlag: Int32 = 0x80

    /// As WIFEXITED and the other macros of wait(2) have it.
    private static func ending(_ status: Int32) -> Ending {
        status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .killed(by: status & 0x7f)
    }

    func signal(_ number: Int32) {
        // Not reaped yet, so that the number is still its own.
        ending.withLock { if $0 == nil { kill(pid, number) } }
    }

    func waited(within limit: Duration = .seconds(180)) async throws -> Ending {
        try await eventually("the end of process \(pid)", within: limit, every: .milliseconds(5)) { ended }
    }

    /// Ends it whatever happens, also when the task is cancelled.
    func end() async {
        signal(SIGTERM)
        let graceful: Void? = try? await NIOThreadPool.singleton.runIfActive {
            for _ in 0..<6000 where self.ended == nil { usleep(10_000) }
        }
        if graceful == nil || ended == nil { signal(SIGKILL) }
        while ended == nil { usleep(1000) }
    }
}
