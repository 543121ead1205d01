import Rotation
import RotationEngine
import Synchronization

/// A ledger in memory that fails when told to, and keeps every state it ever had.
package final class MemoryLedger: RotationLedger {
    /// What a failing save leaves behind.
    package enum FailureMode: Sendable, CaseIterable {
        /// Nothing was written.
        case before
        /// It was written, but the caller is told that it was not.
        case after
    }

    /// One save that was written.
    package struct Save: Sendable {
        package let rotation: StoredRotation
        package let notes: [Note]
        package let at: Instant
    }

    private struct State {
        var rows: [String: StoredRotation]
        let initial: [String: StoredRotation]
        var saves: [Save] = []
        var calls = 0
        var failures: [Int: FailureMode] = [:]
        var failing: FailureMode?
        var failingName: String?
        var failsAfter: Int?

        func mode(of call: Int, _ name: String) -> FailureMode? {
            if let mode = failures[call] { return mode }
            if let failsAfter, call > failsAfter { return .before }
            return failingName == nil || failingName == name ? failing : nil
        }
    }

    private let state: Mutex<State>

    package init(_ rows: [String: StoredRotation] = [:]) {
        state = Mutex(State(rows: rows, initial: rows))
    }

    /// Every save that was written, in order.
    package var saves: [Save] { state.withLock { $0.saves } }

    /// How often `save` was called so far.
    package var calls: Int { state.withLock { $0.calls } }

    package var rows: [String: StoredRotation] { state.withLock { $0.rows } }

    /// The history of one resource.
    package func notes(_ name: String) -> [Note] {
        saves.filter { $0.rotation.name == name }.flatMap(\.notes)
    }

    /// The rows as they were after so many saves.
    package func state(after count: Int) -> [String: StoredRotation] {
        state.withLock { state in
            state.saves.prefix(count).reduce(into: state.initial) { $0[$1.rotation.name] = $1.rotation }
        }
    }

    /// The `call`-th call of `save`, from 1, fails.
    package func fail(call: Int, _ mode: FailureMode) {
        state.withLock { $0.failures[call] = mode }
    }

    /// From now on every save fails, of one resource or of all; nil ends it.
    package func setFailing(_ mode: FailureMode?, of name: String? = nil) {
        state.withLock {
            $0.failing = mode
            $0.failingName = name
        }
    }

    /// The `call`-th save is written or not, and it and every later one fails, until `heal`.
    package func failOn(call: Int, _ mode: FailureMode) {
        state.withLock { state in
            state.failures[call] = mode
            state.failsAfter = call
        }
    }

    /// From now on no save fails.
    package func heal() {
        state.withLock { state in
            state.failures = [:]
            state.failing = nil
            state.failsAfter = nil
        }
    }

    package func load() async throws(Failure) -> [String: StoredRotation] { rows }

    package func save(_ rotation: StoredRotation, notes: [Note], at now: Instant) async throws(Failure) {
        try state.withLock { state throws(Failure) in
            state.calls += 1
            let mode = state.mode(of: state.calls, rotation.name)
            if mode != .before {
                state.rows.save(rotation)
                state.saves.append(Save(rotation: rotation, notes: notes, at: now))
            }
            if mode != nil { throw Failure(.ledgerUnavailable, "the model ledger fails save \(state.calls)") }
        }
    }
}
