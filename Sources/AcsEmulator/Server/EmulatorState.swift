import FoundationEssentials
import Synchronization

/// The one place where the model lives while the emulator runs.
final class EmulatorState: Sendable {
    private let model: Mutex<EmulatorModel>
    private let clock: @Sendable () -> Date

    init(_ model: EmulatorModel, clock: @escaping @Sendable () -> Date) {
        self.model = Mutex(model)
        self.clock = clock
    }

    /// Runs `body` on the model, with the time at which it runs.
    func with<Result: Sendable, Failure: Error>(
        _ body: (inout EmulatorModel, Date) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try model.withLock { model throws(Failure) -> Result in
            let now = clock()
            model.advance(to: now)
            return try body(&model, now)
        }
    }
}
