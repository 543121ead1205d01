import Glibc
import Rotation
import Subprocess

/// Runs a command without a shell: in `/`, in a session and process group of its own, with nothing to read, and with no
/// more environment than it is given.
struct CommandRunner: Sendable {
    let grace: Duration

    private enum Event: Sendable {
        case ended(CommandRun, group: pid_t?)
        case timedOut
        case timerStopped
    }

    /// Waits until the command has ended. When the timeout passes, or the task is cancelled, its process group gets
    /// SIGTERM, and after the grace SIGKILL.
    func run(_ arguments: [String], environment: [String: String], timeout: Duration) async -> CommandRun {
        if let refusal = Self.refusal(arguments) { return CommandRun(failure: refusal, output: OutputTail()) }
        return await withTaskGroup(of: Event.self) { group in
            group.addTask { await start(arguments, environment) }
            group.addTask {
                do {
                    try await Task.sleep(for: timeout)
                    return .timedOut
                } catch {
                    return .timerStopped
                }
            }
            var result = CommandRun(failure: nil, output: OutputTail())
            var timedOut = false
            for await event in group {
                switch event {
                case .timedOut:
                    timedOut = true
                    // Subprocess answers the cancellation of its task with the teardown sequence.
                    group.cancelAll()
                case .timerStopped:
                    break
                case .ended(let run, let processGroup):
                    result = stopped(run, processGroup, after: timedOut ? timeout : nil)
                    group.cancelAll()
                }
            }
            return result
        }
    }

    /// The result as the caller should see it, when the command was stopped from here: a failure even if it exited 0,
    /// because a command that does so on SIGTERM did not do its work.
    private func stopped(_ run: CommandRun, _ processGroup: pid_t?, after timeout: Duration?) -> CommandRun {
        guard timeout != nil || Task.isCancelled else { return run }
        // The leader is gone, but children of its that ignore SIGTERM may not be. Their group's number is not given
        // to a new process while one of them lives; and when none does, numbers are handed out in turn, so not at
        // once.
        if let processGroup { kill(-processGroup, SIGKILL) }
        let reason = timeout.map { "did not end within \(TimeSpan.describe($0)) and was stopped" }
        return CommandRun(failure: reason ?? "was stopped because keyturn is stopping", output: run.output)
    }

    private func start(_ arguments: [String], _ environment: [String: String]) async -> Event {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: grace)
        ]
        let configuration = Configuration(
            executable: arguments[0].contains("/") ? .path(Self.literal(arguments[0])) : .name(arguments[0]),
            arguments: Arguments(Array(arguments.dropFirst())),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })),
            workingDirectory: Self.literal("/"),
            platformOptions: options)
        do {
            let result = try await Subprocess.run(
                configuration, input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                await Self.tail(of: execution.standardOutput)
            }
            let run = CommandRun(failure: Self.failure(result.terminationStatus), output: result.closureResult)
            return .ended(run, group: result.processIdentifier.value)
        } catch {
            let run = CommandRun(failure: Self.failure(error, arguments[0]), output: OutputTail())
            return .ended(run, group: nil)
        }
    }

    private static func tail(of output: SubprocessOutputSequence) async -> OutputTail {
        var tail = OutputTail()
        do {
            for try await buffer in output {
                buffer.withUnsafeBytes { tail.append($0) }
                // A child left behind may write for ever into the pipe that it inherited.
                if Task.isCancelled { break }
            }
        } catch {
            // What was read until the pipe broke is what there is to show.
        }
        return tail
    }

    /// A path type of swift-system, which is not a dependency of ours.
    static func literal<Path: ExpressibleByStringLiteral>(_ path: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: path)
    }
}
