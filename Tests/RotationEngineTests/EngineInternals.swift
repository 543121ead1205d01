@testable import RotationEngine

extension RotationEngine {
    /// Something waits to be handled.
    func hasMail(_ name: String) -> Bool { core.runtimes[name]?.mail.isEmpty == false }

    /// The keys of the resource are in memory.
    func keepsSecrets(_ name: String) -> Bool { core.runtimes[name]?.listing != nil }

    /// How many calls to Azure wait for a slot.
    var waitingCalls: Int { calls.waiting }
}
