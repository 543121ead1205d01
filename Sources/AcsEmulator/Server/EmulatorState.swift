import FoundationEssentials
import Synchronization

/// The one place where the model lives while the emulator runs.
final class EmulatorState: Sendable {
    private let model: Mutex<EmulatorModel>

    init(_ model: EmulatorModel) {
        self.model = Mutex(model)
    }

    /// Runs `body` on the model, with the time at which it runs.
    func with<Result: Sendable, Failure: Error>(
        _ body: (inout EmulatorModel, Date) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try model.withLock { model throws(Failure) -> Result in
            let now = Date()
            model.advance(to: now)
            return try body(&model, now)
        }
    }
}
