import EventCatalog
import Logging
import Rotation
import Systemd

/// Tells consumers that a new connection string is published.
package struct Deliverer: Sendable {
    private let manager: ServiceManager
    private let runner: CommandRunner
    private let timeout: Duration
    private let logger: Logger
    private let failedOutputs = FailedOutputs()

    /// - Parameters:
    ///   - timeout: how long a consumer may take that has no timeout of its own.
    ///   - grace: how long after SIGTERM a command that took too long gets SIGKILL.
    package init(
        manager: ServiceManager = ServiceManager(), timeout: Duration = .seconds(90), grace: Duration = .seconds(5),
        logger: Logger
    ) {
        self.manager = manager
        self.timeout = timeout
        runner = CommandRunner(grace: grace)
        self.logger = logger
    }

    /// Tells all of them at the same time, each under its own timeout, and returns how each ended, in the given order.
    /// Only credentials come first; while one of them fails, nobody else is told, for he might read the old one.
    ///
    /// A cancelled task stops the commands that still run, in the same way as a timeout, and waits for units no longer.
    package func deliver(to consumers: [Consumer], context: DeliveryContext) async -> [ConsumerResult] {
        let credentials = await tell(consumers.filter(\.isCredential), context)
        let others = consumers.filter { !$0.isCredential }
        let failed = credentials.first { !$0.succeeded }?.consumer
        let results =
            if let failed {
                others.map { consumer in
                    let detail = "\(consumer.id) waits for \(failed.id)"
                    return ConsumerResult(consumer: consumer, failure: Failure(.deliveryFailed, detail))
                }
            } else {
                await tell(others, context)
            }
        let all = Dictionary((credentials + results).map { ($0.consumer, $0) }, uniquingKeysWith: { first, _ in first })
        return consumers.compactMap { all[$0] }
    }

    private func tell(_ consumers: [Consumer], _ context: DeliveryContext) async -> [ConsumerResult] {
        await withTaskGroup(of: (Int, ConsumerResult).self) { group in
            for (index, consumer) in consumers.enumerated() {
                group.addTask {
                    let detail = await failure(telling: consumer, context)
                    let failure = detail.map { Failure(.deliveryFailed, $0) }
                    return (index, ConsumerResult(consumer: consumer, failure: failure))
                }
            }
            var results: [(Int, ConsumerResult)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// nil: the consumer was told.
    private func failure(telling consumer: Consumer, _ context: DeliveryContext) async -> String? {
        switch consumer.means {
        case .command(let arguments): await run(arguments, consumer, context)
        case .unit(let unit, let verb): await tell(unit, verb, consumer, context)
        // Not only started: one that runs for a version before would count as done.
        case .credential(_, _, let unit): await tell(unit, .restart, consumer, context)
        }
    }

    private func run(_ arguments: [String], _ consumer: Consumer, _ context: DeliveryContext) async -> String? {
        let run = await runner.run(
            arguments, environment: context.environment, timeout: consumer.timeout ?? timeout)
        let lines = run.output.lines.map(SecretFilter.filtered)
        log(lines, of: run, consumer, context)
        guard let end = run.failure else { return nil }
        let name = arguments.first.flatMap { $0.isEmpty ? nil : $0 } ?? "the empty command"
        return "\(name) \(end)" + (Self.excerpt(of: lines).map { ": " + $0 } ?? "")
    }

    private func tell(
        _ unit: String, _ verb: UnitVerb, _ consumer: Consumer, _ context: DeliveryContext
    ) async -> String? {
        let end = await UnitJobEnd(
            manager, verb, unit, publishedAt: context.publishedAt, timeout: consumer.timeout ?? timeout)
        if end.failure == nil {
            var metadata = metadata(consumer, context)
            metadata["job"] = .string(verb.rawValue)
            if end.isNotRunning {
                logger.log(.consumerNotRunning, metadata: metadata)
            } else {
                logger.debug("unit told", metadata: metadata)
            }
        }
        return end.failure
    }

    private func log(_ lines: [String], of run: CommandRun, _ consumer: Consumer, _ context: DeliveryContext) {
        var metadata = metadata(consumer, context)
        if run.output.isTruncated {
            logger.debug("consumer output is long, its beginning was dropped", metadata: metadata)
        }
        let isNew = failedOutputs.isNew(run.failure == nil ? nil : lines, context.resource, consumer.id)
        for line in lines {
            metadata["line"] = .string(line)
            logger.log(DaemonEvent.consumerOutput.journalEvent, level: isNew ? .info : .debug, metadata: metadata)
        }
    }

    private func metadata(_ consumer: Consumer, _ context: DeliveryContext) -> Logger.Metadata {
        ["resource": .string(context.resource), "consumer": .string(consumer.id.rawValue)]
    }

    /// The last two lines: when the last is only what a program says before it gives up, the one before it tells why.
    private static func excerpt(of lines: [String]) -> String? {
        let last = lines.suffix(2).joined(separator: " ")
        if last.isEmpty { return nil }
        return last.count > 400 ? "…" + last.suffix(400) : last
    }
}
