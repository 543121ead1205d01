import Rotation
import RotationEngine
import RotationTestKit
import Testing

enum Samples {
    /// Turns every six hours, so that a test need not pass through months.
    static let policy = Policy(
        every: .seconds(6 * 3600), overlap: .seconds(3600), verification: Policy.Verification(), settle: .seconds(120))

    static let consumers = ["reload:app.service", "run:warm"]

    static func resource(
        _ name: String = "contoso-sms", id: ResourceID? = nil, policy: Policy = policy, consumers: [String] = consumers
    ) throws -> ManagedResource {
        let id =
            try id
            ?? ResourceID(
                subscription: "00000000-0000-0000-0000-000000000001", resourceGroup: "messaging", name: name)
        return ManagedResource(id: id, settings: RotationSettings(name: name, policy: policy, consumers: consumers))
    }

    static func resources(_ count: Int, policy: Policy = policy) throws -> [ManagedResource] {
        try (0..<count).map { try resource("contoso-\($0)", policy: policy) }
    }

    /// Resources of the subscription with that number, one digit.
    static func resources(_ count: Int, ofSubscription number: Int) throws -> [ManagedResource] {
        try (0..<count).map { index in
            let name = "contoso-\(number)-\(index)"
            let id = try ResourceID(
                subscription: "00000000-0000-0000-0000-00000000000\(number)", resourceGroup: "messaging", name: name)
            return try resource(name, id: id)
        }
    }
}

extension EngineWorld {
    /// Puts the key there as a daemon before this one did.
    func publish(
        _ keyType: KeyType, version: Int, ago: Duration = .zero, of resource: ManagedResource
    ) async throws {
        guard let key = azure.key(keyType, of: resource.id) else { return }
        let order = PublicationOrder(
            keyType: keyType, fingerprint: key.fingerprint, version: version, publishedAt: clock.now - ago,
            previous: nil, previousGoodUntil: nil, nextRotation: nil)
        try await publisher.publish(order, current: key.connectionString, previous: nil, of: resource)
    }
}

extension ResourceStatus {
    var isSettled: Bool { phase == "settled" && health == .ok }

    /// Settled with that version published.
    func isSettled(version: Int) -> Bool { isSettled && publication?.version == version }
}

extension RunningEngine {
    /// Lets time pass until every resource has settled with a version at least that high.
    func settle(version: Int = 1, atMost limit: Duration = .seconds(24 * 3600)) async -> Bool {
        let hasSettled = await advance(atMost: limit) { statuses in
            statuses.allSatisfy { $0.isSettled && $0.publication?.version ?? 0 >= version }
        }
        if !hasSettled {
            let others = await engine.status().filter { !$0.isSettled || $0.publication?.version ?? 0 < version }
            Issue.record("at \(clock.elapsed) these have not settled: \(others)")
        }
        return hasSettled
    }
}
