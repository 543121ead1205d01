import Rotation

/// One CommunicationService resource inside `ModelAzure`.
struct ModelService {
    /// Every key there was, oldest first; the living ones included.
    var keys: [ModelKey] = []
    var outcomes: [ModelOutcome] = []
    var listFailures: [Failure] = []
    var probeOutcomes: [ProbeOutcome] = []
    /// While set, every listing fails with it.
    var listFailure: Failure?
    /// While set, every probe ends with it.
    var probeOutcome: ProbeOutcome?
    /// How long the data plane refuses a key that was just made.
    var propagation: Duration = .zero
    var gates: [ModelCall: Gate] = [:]
    var regeneratesUnderWay = 0
    /// Requests whose answer was lost and that have yet to run.
    var landings: [(at: Duration, keyType: KeyType)] = []
    /// The key types of all regenerates that were sent, in order.
    var sent: [KeyType] = []
    /// Who waited for each listing, in order.
    var urgencies: [Urgency] = []

    func living(_ keyType: KeyType) -> ModelKey? {
        keys.last { $0.keyType == keyType && $0.diedAt == nil }
    }

    mutating func replace(
        _ keyType: KeyType, of id: ResourceID, number: Int, at elapsed: Duration, _ death: ModelKey.Death
    ) {
        if let index = keys.lastIndex(where: { $0.keyType == keyType && $0.diedAt == nil }) {
            keys[index].diedAt = elapsed
            keys[index].death = death
        }
        keys.append(ModelKey(number: number, keyType: keyType, of: id, bornAt: elapsed))
    }
}
