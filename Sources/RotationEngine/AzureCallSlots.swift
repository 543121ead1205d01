import Rotation
import Synchronization

/// Bounds the calls to Azure: all of them, and those about resources of one subscription.
final class AzureCallSlots: Sendable {
    private struct State {
        var subscriptions: [String: CallSlots] = [:]
        var closed = false
    }

    private let all: CallSlots
    private let perSubscription: Int
    private let state = Mutex(State())

    init(limit: Int, perSubscription: Int) {
        all = CallSlots(limit: limit)
        self.perSubscription = perSubscription
    }

    /// How many callers wait for a slot.
    var waiting: Int {
        all.waiting + state.withLock { $0.subscriptions.values.reduce(0) { $0 + $1.waiting } }
    }

    /// Runs `body` in a slot, as `CallSlots` does. Its subscription's comes first: who waits for that holds none that
    /// another subscription could use.
    func withSlot<Result>(
        for id: ResourceID, troubled: Bool, urgency: Urgency = .work, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> sending Result
    ) async throws -> sending Result {
        try await slots(id.subscription).withSlot(troubled: troubled, urgency: urgency) {
            try await all.withSlot(troubled: troubled, urgency: urgency, body)
        }
    }

    /// Nobody is admitted any more, and nobody waits any more; what runs in a slot goes on.
    func close() {
        let subscriptions = state.withLock { state in
            state.closed = true
            return state.subscriptions.values
        }
        for slots in subscriptions { slots.close() }
        all.close()
    }

    private func slots(_ subscription: String) -> CallSlots {
        state.withLock { state in
            let key = subscription.lowercased()
            if let slots = state.subscriptions[key] { return slots }
            let slots = CallSlots(limit: perSubscription)
            if state.closed { slots.close() }
            state.subscriptions[key] = slots
            return slots
        }
    }
}
