import Logging
import Rotation
import RotationEngine

/// Everything an engine reaches, as models that belong together.
package struct EngineWorld: Sendable {
    package let clock: ManualClock
    package let publisher: MemoryPublisher
    package let delivery: RecordingDelivery
    package let azure: ModelAzure
    package let ledger: MemoryLedger

    package init(start: Instant = Instant(unixSeconds: 1_750_000_000)) {
        clock = ManualClock(start)
        publisher = MemoryPublisher(clock: clock)
        delivery = RecordingDelivery()
        azure = ModelAzure(clock: clock, publisher: publisher, delivery: delivery)
        ledger = MemoryLedger()
    }

    private init(_ world: EngineWorld, ledger: MemoryLedger) {
        clock = world.clock
        publisher = world.publisher
        delivery = world.delivery
        azure = world.azure
        self.ledger = ledger
    }

    /// The same world with another ledger: what a restarted daemon finds.
    package func with(ledger: MemoryLedger) -> EngineWorld {
        EngineWorld(self, ledger: ledger)
    }

    package var ports: EnginePorts {
        EnginePorts(
            authority: azure, probe: azure, publisher: publisher, ledger: ledger, delivery: delivery, clock: clock)
    }

    /// Every law broken so far, by the orders given and by the lives of published keys.
    package func violations(_ resources: [ManagedResource]) -> [String] {
        azure.violations + publisher.violations + resources.flatMap { azure.brokenPromises($0) }
    }

    /// Lets go what cancellation does not.
    private func openGates() {
        azure.openGates()
        publisher.openGates()
    }

    /// Runs an engine over this world while `body` runs, then cancels it and waits for its end.
    package func withEngine<Result: Sendable>(
        _ resources: [ManagedResource], options: EngineOptions = EngineOptions(),
        logger: Logger = Logger(label: "engine", factory: { _ in SwiftLogNoOpLogHandler() }),
        _ body: (RunningEngine) async throws -> Result
    ) async throws -> Result {
        let engine = RotationEngine(ports: ports, options: options, logger: logger)
        try await engine.load(resources)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            let end = Gate()
            group.addTask {
                defer { end.open() }
                try await engine.run()
            }
            let result: Result
            do {
                result = try await body(RunningEngine(engine: engine, clock: clock, end: end))
                if Task.isCancelled { openGates() }
            } catch {
                openGates()
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
    }
}
