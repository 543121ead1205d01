import Rotation

/// Whether Azure Resource Manager lets all of a subscription's keys turn as often, and in the windows, that the policies
/// say.
struct BudgetChecks {
    let resources: [Configuration.Resource]
    /// What a subscription may ask, in calls that write.
    let limit: WriteLimit
    /// What it is in a cloud of one's own nobody knows.
    let isCertain: Bool
    let now: Instant
    /// Where a policy's name stands.
    let mark: (String) -> SourceMark?
    let diagnostics: DiagnosticCollector

    func run() {
        for (subscription, all) in Dictionary(grouping: resources, by: \.id.subscription).sorted(by: { $0.key < $1.key }
        ) {
            checkRotations(subscription, all)
            checkDrift(subscription, all)
            for (name, some) in Dictionary(grouping: all, by: \.policyName).sorted(by: { $0.key < $1.key }) {
                checkOpenings(subscription, name, some)
            }
        }
    }

    private func report(_ message: String, hint: String, at mark: SourceMark) {
        diagnostics.report(Diagnostic(isCertain ? .error : .warning, message, hint: hint, at: mark))
    }

    private func perHour(_ every: Duration) -> Double { 3600 / max(every.inSeconds, 0.001) }

    private func checkRotations(_ subscription: String, _ resources: [Configuration.Resource]) {
        let rotating = resources.filter { $0.policy.mode == .auto }
        let calls = rotating.map { perHour($0.policy.every) * Double(Policy.writesOfRotation) }.reduce(0, +)
        // What is left when drift checks have taken their quarter.
        let allowed = Double(limit.perHour) * 3 / 4
        guard calls > allowed, let busiest = rotating.min(by: { $0.policy.every < $1.policy.every }),
            let mark = mark(busiest.policyName)
        else { return }
        report(
            "the \(rotating.count == 1 ? "one resource" : "\(rotating.count) resources") of subscription \(subscription) ask for \(Int(calls)) calls an hour"
                + " (\(Policy.writesOfRotation) for each rotation), and Azure Resource Manager allows"
                + " \(Int(allowed)) beside the drift checks",
            hint: "let keys turn less often", at: mark)
    }

    private func checkDrift(_ subscription: String, _ resources: [Configuration.Resource]) {
        let calls = resources.map { perHour($0.policy.driftCheck) }.reduce(0, +)
        let allowed = Double(limit.perHour) / 4
        guard calls > allowed, let busiest = resources.min(by: { $0.policy.driftCheck < $1.policy.driftCheck }),
            let mark = mark(busiest.policyName)
        else { return }
        let longer = busiest.policy.driftCheck * (calls / allowed)
        diagnostics.warning(
            "the drift checks of the \(resources.count) resources of subscription \(subscription) are \(Int(calls)) calls"
                + " an hour, and a quarter of what Azure Resource Manager allows is \(Int(allowed)); they come later than"
                + " policy '\(busiest.policyName)' says",
            hint: "driftCheck: \(TimeSpan.describe(.seconds(longer.components.seconds))) would do", at: mark)
    }

    /// Do all resources of a policy get their turn while its windows are open?
    private func checkOpenings(_ subscription: String, _ name: String, _ resources: [Configuration.Resource]) {
        guard let policy = resources.first?.policy, policy.mode == .auto, let openings = policy.timing?.openings,
            !openings.areAlways, let mark = mark(name)
        else { return }
        var open = Duration.zero
        // At most so many rotations of one resource begin: one in each opening, and one more for each period in it.
        var turns = 0.0
        var shortest: Openings.Interval?
        var place = now
        let end = now + ScheduleProof.horizon
        while place < end, let interval = openings.interval(from: place), interval.start < end {
            let length = min(interval.end, end) - interval.start
            // The first one may have begun before, and the last one may end later.
            if length >= policy.rotationTime, interval.start > now, interval.end < end {
                if length < shortest?.length ?? .seconds(Int64.max) { shortest = interval }
            }
            open += length
            turns += 1 + (length / policy.every).rounded(.down)
            place = interval.end
        }
        let rotationsPerHour = Double(limit.perHour) * 3 / 4 / Double(Policy.writesOfRotation)
        let needed = Double(resources.count) * min(turns, ScheduleProof.horizon / policy.every)
        let possible = open.inSeconds / 3600 * rotationsPerHour
        let many = resources.count == 1 ? "1 resource" : "\(resources.count) resources"
        if needed > possible {
            report(
                "policy '\(name)' has \(many) in subscription \(subscription), which are \(Int(needed)) rotations in two"
                    + " years, and while its windows are open Azure Resource Manager allows \(Int(possible))",
                hint: "open more windows, or let keys turn less often", at: mark)
        } else if let shortest, Double(resources.count) > shortest.length.inSeconds / 3600 * rotationsPerHour {
            let fitting = Int(shortest.length.inSeconds / 3600 * rotationsPerHour)
            diagnostics.warning(
                "when all \(resources.count) resources of policy '\(name)' are due together, only \(fitting) of them get their"
                    + " turn in the opening at \(shortest.start) (\(TimeSpan.describe(shortest.length))), because of what Azure"
                    + " Resource Manager allows; the others wait for the next one", at: mark)
        }
    }
}

extension Duration {
    fileprivate var inSeconds: Double { Double(wholeMicroseconds) / 1_000_000 }
}
