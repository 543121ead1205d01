/// When each key will be regenerated, and why then: what the rules will do if nothing fails.
package struct RotationPlan: Sendable {
    /// One resource, and where it stands.
    package struct Resource: Sendable {
        package var settings: RotationSettings
        package var subscription: String
        /// nil: nothing is on record; it is taken for adopted at the plan's beginning.
        package var record: RotationRecord?

        package init(settings: RotationSettings, subscription: String, record: RotationRecord?) {
            self.settings = settings
            self.subscription = subscription
            self.record = record
        }
    }

    package let from: Instant
    /// Nothing from here on is in the plan.
    package let until: Instant
    /// In the order in which they begin.
    package let rotations: [PlannedRotation]
    /// Resources for which nothing is planned, and why, by name.
    package let unplanned: [String: String]
    /// Hours in which something is regenerated, by subscription and time.
    package let calls: [PlannedCalls]

    /// - Parameters:
    ///   - count: at most so many rotations, the first ones; nil: all of them.
    ///   - each: at most so many rotations of each resource, the first ones; nil: all of them.
    package init(
        _ resources: [Resource], from: Instant, until: Instant, count: Int? = nil, each: Int? = nil
    ) {
        self.from = from
        var unplanned: [String: String] = [:]
        var planned: [PlannedRotation] = []
        let canaries = Self.canaries(resources, from: from, until: until, each: each)
        for resource in resources {
            let settings = resource.settings
            if let obstacle = ResourcePlanner.obstacle(settings, resource.record) {
                unplanned[settings.name] = obstacle
                continue
            }
            var proofs: [Instant]?
            if let canary = settings.policy.canary, canary != settings.name {
                proofs = canaries[canary] ?? []
            }
            var planner = ResourcePlanner(settings, resource.record, from: from, canary: proofs)
            var ofResource = 0
            while ofResource < each ?? .max, let rotation = planner.next(until: until) {
                planned.append(rotation)
                ofResource += 1
                // More than the first ones of all are not asked for.
                if let count, planned.count > 20_000, planned.count > count * 4 { Self.trim(&planned, to: count) }
            }
            if ofResource == 0, planner.waitsForCanary, let canary = settings.policy.canary {
                unplanned[settings.name] = "the policy's canary \(canary) does not rotate before \(until)"
            }
        }
        planned.sort { ($0.at, $0.resource) < ($1.at, $1.resource) }
        if let count, planned.count > count {
            self.until = planned[count].at
            planned.removeSubrange(count...)
        } else {
            self.until = until
        }
        rotations = planned
        self.unplanned = unplanned
        calls = Self.calls(resources, planned)
    }

    private static func trim(_ planned: inout [PlannedRotation], to count: Int) {
        planned.sort { ($0.at, $0.resource) < ($1.at, $1.resource) }
        // One more, that tells where the plan ends.
        planned.removeSubrange((count + 1)...)
    }

    /// When each policy's canary has published a key, by the canary's name.
    private static func canaries(
        _ resources: [Resource], from: Instant, until: Instant, each: Int?
    ) -> [String: [Instant]] {
        let names = Set(resources.compactMap(\.settings.policy.canary))
        var canaries: [String: [Instant]] = [:]
        for resource in resources where names.contains(resource.settings.name) {
            let settings = resource.settings
            var proofs = [resource.record?.current?.publishedAt].compactMap(\.self)
            if ResourcePlanner.obstacle(settings, resource.record) == nil {
                var planner = ResourcePlanner(settings, resource.record, from: from, canary: nil)
                // Those that wait for it rotate as often as it does; one more is what the last of them waits for.
                while proofs.count <= each ?? .max, let rotation = planner.next(until: until) {
                    if rotation.cause != .retire { proofs.append(rotation.at + settings.policy.probingTime) }
                }
            }
            canaries[settings.name] = proofs
        }
        return canaries
    }

    private static func calls(_ resources: [Resource], _ planned: [PlannedRotation]) -> [PlannedCalls] {
        struct Key: Hashable {
            let subscription: String
            let hour: Int64
        }
        let subscriptions = Dictionary(
            resources.map { ($0.settings.name, $0.subscription) }, uniquingKeysWith: { first, _ in first })
        var rotations: [Key: Int] = [:]
        for rotation in planned {
            guard let subscription = subscriptions[rotation.resource] else { continue }
            let hour = rotation.at.unixSeconds / 3600
            rotations[Key(subscription: subscription, hour: hour), default: 0] += Policy.writesOfRotation
        }
        var checks: [String: Double] = [:]
        for resource in resources {
            let interval = resource.settings.policy.lookInterval(name: resource.settings.name)
            checks[resource.subscription, default: 0] += 3600 / max(0.001, interval / .seconds(1))
        }
        return rotations.map { key, count in
            PlannedCalls(
                subscription: key.subscription, hour: Instant(unixSeconds: key.hour * 3600), rotations: count,
                driftChecks: Int((checks[key.subscription] ?? 0).rounded(.up)))
        }.sorted { ($0.hour, $0.subscription) < ($1.hour, $1.subscription) }
    }
}
