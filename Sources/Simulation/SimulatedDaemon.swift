import Rotation
import RotationEngine

/// One run of the daemon: what is lost when its process ends.
final class SimulatedDaemon {
    let number: Int
    let core: EngineCore
    /// When its loop is to wake.
    var wakeAt: Instant?
    /// Resources whose driver waits for a call, and whether that is a regenerate.
    var calls = NameTable<Bool>()
    /// The names whose files were made durable since it began.
    var durable: Set<String> = []
    /// Every resource was looked at once, or it was known why not.
    var isReady = false
    /// It was asked to stop.
    var isEnding = false

    init(number: Int, core: EngineCore) {
        self.number = number
        self.core = core
    }
}

extension Event {
    var isRotation: Bool {
        if case .rotationRequested = self { true } else { false }
    }

    var isPause: Bool {
        if case .pauseRequested = self { true } else { false }
    }
}

/// A command that an operator gave and that was not answered yet.
struct AskedCommand {
    let at: Instant
    let file: Int
    let event: Event
    /// What was asked for before, and still is when this is refused.
    let wasRequested: Bool
    let compromiseLeft: Int
    let compromisedKeys: [Int]
}
