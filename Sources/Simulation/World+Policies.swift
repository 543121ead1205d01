import Rotation
import RotationEngine

/// Policies as operators might write them.
extension World {
    /// Of a resource that is there from the beginning.
    func firstPolicy(_ random: inout SeededRandom) -> Policy {
        guard scenario.features.contains(.peers) else { return policy(&random) }
        let policy = sharedPolicy ?? policy(&random)
        sharedPolicy = policy
        return policy
    }

    /// How far apart the resources of the subscription begin that are due together.
    var spread: Duration {
        guard scenario.features.contains(.crowd) else { return .zero }
        var numbers = scenario.random(for: "crowd")
        return .seconds(numbers.pick([1024, 4096, 16_384, 65_536, 262_144]))
    }

    func policy(_ random: inout SeededRandom) -> Policy {
        var policy = Policy(random: &random)
        policiesMade += 1
        let made = newHours(), calendar = newCalendar()
        guard made != nil || calendar != nil || scenario.features.contains(.peers) else { return policy }
        if let calendar { policy.follow(calendar) }
        if made != nil || calendar != nil {
            let timing = Timing(
                calendar: calendar?.expression, calendarZone: calendar?.zone ?? .utc,
                openings: made?.openings ?? Openings())
            policy.timing = timing
            hours[timing] = made
            calendars[timing] = calendar
        }
        var numbers = scenario.random(for: "deadline \(policiesMade)")
        if made != nil, policy.maxAge != nil, numbers.chance(0.5) { policy.onDeadline = .rotate }
        if scenario.features.contains(.peers) {
            if numbers.chance(0.6) { policy.canary = files.first { $0.isManaged }?.name ?? "contoso-0" }
            if policy.canary == nil || numbers.chance(0.4) { policy.stopAfter = 1 + numbers.below(2) }
        }
        return policy
    }

    private func newHours() -> SimulatedHours? {
        guard scenario.features.contains(.hours) else { return nil }
        var numbers = scenario.random(for: "hours \(policiesMade)")
        return numbers.chance(0.6) ? SimulatedHours(random: &numbers) : nil
    }

    private func newCalendar() -> SimulatedCalendar? {
        guard scenario.features.contains(.calendars) else { return nil }
        var numbers = scenario.random(for: "calendar \(policiesMade)")
        return numbers.chance(0.6) ? SimulatedCalendar(random: &numbers) : nil
    }
}

extension Policy {
    fileprivate mutating func follow(_ calendar: SimulatedCalendar) {
        every = calendar.longestGap
        if jitter > .zero { jitter = every / 20 }
        if maxAge != nil { maxAge = every + every / 5 + jitter + overlap * 2 }
    }
}
