import EventCatalog
import Logging
import Rotation

/// Tells consumers that a new connection string is published.
package struct Deliverer: Sendable {
    private let systemctl: String
    private let runner: CommandRunner
    private let logger: Logger

    /// - Parameter systemctl: the path of systemctl(1).
    /// - Parameter timeout: how long each consumer may take before its process group gets SIGTERM.
    /// - Parameter grace: how long after SIGTERM it gets SIGKILL.
    package init(
        systemctl: String = "/usr/bin/systemctl", timeout: Duration = .seconds(90), grace: Duration = .seconds(5),
        logger: Logger
    ) {
        self.systemctl = systemctl
        runner = CommandRunner(timeout: timeout, grace: grace)
        self.logger = logger
    }

    /// Tells all of them at the same time, each under its own timeout, and returns how each ended, in the given order.
    ///
    /// A cancelled task stops what still runs, in the same way as a timeout.
    package func deliver(to consumers: [Consumer], context: DeliveryContext) async -> [ConsumerResult] {
        await withTaskGroup(of: (Int, ConsumerResult).self) { group in
            for (index, consumer) in consumers.enumerated() {
                group.addTask { (index, await deliver(to: consumer, context: context)) }
            }
            var results: [(Int, ConsumerResult)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func deliver(to consumer: Consumer, context: DeliveryContext) async -> ConsumerResult {
        let (arguments, name) = command(for: consumer)
        let run = await runner.run(arguments, environment: context.environment)
        let lines = run.output.lines.map(SecretFilter.filtered)
        log(lines, of: run, consumer, context)
        guard let end = run.failure else { return ConsumerResult(consumer: consumer, failure: nil) }
        var detail = name + " " + end
        if let excerpt = Self.excerpt(of: lines) { detail += ": " + excerpt }
        if case .reload = consumer, lines.contains(where: Self.isRefusal) {
            detail += " (keyturn's user may not manage this unit: allow it in the polkit rule)"
        }
        return ConsumerResult(consumer: consumer, failure: Failure(.deliveryFailed, detail))
    }

    private func command(for consumer: Consumer) -> (arguments: [String], name: String) {
        switch consumer {
        case .reload(let unit):
            let arguments = [systemctl, "reload-or-restart", "--no-ask-password", "--", unit]
            return (arguments, "\(unit): systemctl reload-or-restart")
        case .run(let arguments):
            return (arguments, arguments.first.flatMap { $0.isEmpty ? nil : $0 } ?? "the empty command")
        }
    }

    private func log(_ lines: [String], of run: CommandRun, _ consumer: Consumer, _ context: DeliveryContext) {
        var metadata: Logger.Metadata = [
            "resource": .string(context.resource), "consumer": .string(consumer.id.rawValue),
        ]
        if run.output.isTruncated {
            logger.debug("consumer output is long, its beginning was dropped", metadata: metadata)
        }
        let level: Logger.Level = run.failure == nil ? .debug : .info
        for line in lines {
            metadata["line"] = .string(line)
            logger.log(DaemonEvent.consumerOutput.journalEvent, level: level, metadata: metadata)
        }
    }

    /// The last two lines: the second last of systemctl's is the one that says what went wrong.
    private static func excerpt(of lines: [String]) -> String? {
        let last = lines.suffix(2).joined(separator: " ")
        if last.isEmpty { return nil }
        return last.count > 400 ? "…" + last.suffix(400) : last
    }

    private static func isRefusal(_ line: String) -> Bool {
        line.contains("authentication required") || line.contains("Access denied")
    }
}
