import Rotation

/// Proves, by walking the calendar two years ahead, that a policy's rotations can come and fit, and names the arithmetic
/// where they do not.
struct ScheduleProof {
    let name: String
    /// Where the policy's name stands.
    let mark: SourceMark
    let timing: WrittenTiming
    let maxAge: Setting<WrittenTimeSpan>
    let now: Instant
    let diagnostics: DiagnosticCollector

    static let horizon = Duration.seconds(2 * 365 * 86_400)
    /// An expression that elapses more often is walked so far.
    private static let mostElapses = 20_000

    /// The policy, with what only the calendar tells; nil, after a report, when it cannot work.
    func run(_ policy: Policy) -> Policy? {
        var policy = policy
        guard let timing = policy.timing else { return policy }
        let windowsFit = checkWindows(policy)
        let intervals = timing.openings.areAlways ? [] : intervals(timing.openings)
        guard timing.openings.areAlways || checkOpenings(intervals, policy) else { return nil }
        if let calendar = timing.calendar, let mark = self.timing.calendar.mark {
            guard let elapses = elapses(calendar, timing, mark), checkGaps(elapses, policy, timing, mark) else {
                return nil
            }
            policy.every = zip(elapses, elapses.dropFirst()).map { $1 - $0 }.max() ?? Self.horizon
        }
        guard windowsFit, checkAge(intervals, policy) else { return nil }
        return policy
    }

    private var end: Instant { now + Self.horizon }

    private func checkWindows(_ policy: Policy) -> Bool {
        var fit = true
        for (window, mark) in timing.windows where window.length < policy.rotationTime {
            fit = false
            diagnostics.error(
                "window '\(window)' is open for \(TimeSpan.describe(window.length)), and a rotation takes"
                    + " \(TimeSpan.describe(policy.rotationTime)): \(Self.rotation(policy))", at: mark)
        }
        return fit
    }

    private static func rotation(_ policy: Policy) -> String {
        guard let probes = policy.verification, probes.probes > 1 else { return "1min for its calls" }
        return "\(probes.probes) probes, \(TimeSpan.describe(probes.spacing)) apart, and 1min for its calls"
    }

    private func intervals(_ openings: Openings) -> [Openings.Interval] {
        var intervals: [Openings.Interval] = []
        var place = now
        while place < end, let interval = openings.interval(from: place), interval.start < end {
            intervals.append(interval)
            place = interval.end
        }
        return intervals
    }

    private func checkOpenings(_ intervals: [Openings.Interval], _ policy: Policy) -> Bool {
        for (freeze, mark) in timing.freezes where freeze.isPast(at: now, timing.zone) {
            diagnostics.warning("the freeze from \(freeze.from) to \(freeze.to) is over", hint: "remove it", at: mark)
        }
        guard !intervals.contains(where: { $0.length >= policy.rotationTime }) else { return true }
        let why =
            intervals.isEmpty
            ? "from \(now.date) to \(end.date) \(timing.windows.isEmpty ? "the freezes leave no time" : "no window opens outside a freeze")"
            : "no opening until \(end.date) is as long as a rotation takes (\(TimeSpan.describe(policy.rotationTime)))"
        diagnostics.error("policy '\(name)' never rotates: \(why)", at: timing.mark ?? mark)
        return false
    }

    /// nil, after a report, when there is none.
    private func elapses(_ calendar: CalendarExpression, _ timing: Timing, _ mark: SourceMark) -> [Instant]? {
        var elapses: [Instant] = []
        var place = now
        while elapses.count < Self.mostElapses, let next = calendar.next(after: place, in: timing.calendarZone) {
            elapses.append(next)
            guard next < end || elapses.count < 2 else { break }
            place = next
        }
        guard let last = elapses.last else {
            diagnostics.error("calendar '\(calendar.normalized)' never elapses after \(now.date)", at: mark)
            return nil
        }
        if last < end, elapses.count < Self.mostElapses {
            diagnostics.warning(
                "calendar '\(calendar.normalized)' elapses for the last time at \(last); no key turns by it after that",
                at: mark)
        }
        return elapses
    }

    private func checkGaps(_ elapses: [Instant], _ policy: Policy, _ timing: Timing, _ mark: SourceMark) -> Bool {
        guard let shortest = zip(elapses, elapses.dropFirst()).min(by: { $0.1 - $0.0 < $1.1 - $1.0 }) else {
            return true
        }
        let gap = shortest.1 - shortest.0
        let between = "only \(TimeSpan.describe(gap)) lie between its elapses at \(shortest.0) and \(shortest.1)"
        for (what, span) in [
            (
                "overlap (\(TimeSpan.describe(policy.overlap))) and the probes (\(TimeSpan.describe(policy.probingTime)))"
                    + (policy.retire ? ", both of them twice with retire," : ""),
                (policy.overlap + policy.probingTime) * (policy.retire ? 2 : 1)
            ),
            ("jitter (\(TimeSpan.describe(policy.jitter)))", policy.jitter),
            ("settle (\(TimeSpan.describe(policy.settle)))", policy.settle),
        ] where span > gap {
            diagnostics.error("calendar: \(what) must fit between two elapses, and \(between)", at: mark)
            return false
        }
        return true
    }

    /// How old a key gets while its rotation waits for an opening.
    private func checkAge(_ intervals: [Openings.Interval], _ policy: Policy) -> Bool {
        guard case .given(let maxAge, let mark) = maxAge else { return true }
        let least = policy.timing?.calendar == nil ? policy.every : .zero
        let longest = longestWait(intervals, policy)
        let needed = max(least, policy.every) + longest.wait + policy.rotationTime
        guard needed > maxAge.duration else { return true }
        let hint =
            policy.onDeadline == .rotate
            ? "such a key is rotated outside the windows, because of onDeadline: rotate"
            : "such a key is reported as too old; with onDeadline: rotate it would be rotated all the same"
        let period = policy.timing?.calendar == nil ? "every" : "the longest time between two elapses"
        if longest.wait == .zero, policy.every > maxAge.duration {
            diagnostics.error(
                "maxAge (\(maxAge.text)) must be at least \(period) (\(TimeSpan.describe(policy.every)))", at: mark)
            return false
        }
        let wait =
            longest.from.map {
                ", and one that is due at \($0) waits until \(longest.until.map { "\($0)" } ?? "the end") (\(TimeSpan.describe(longest.wait)))"
            } ?? ""
        diagnostics.warning(
            "maxAge (\(maxAge.text)) cannot always be met: \(period) is \(TimeSpan.describe(policy.every))\(wait), a rotation"
                + " takes \(TimeSpan.describe(policy.rotationTime)): \(TimeSpan.describe(needed))", hint: hint, at: mark
        )
        return true
    }

    private func longestWait(
        _ intervals: [Openings.Interval], _ policy: Policy
    ) -> (wait: Duration, from: Instant?, until: Instant?) {
        var longest: (wait: Duration, from: Instant?, until: Instant?) = (.zero, nil, nil)
        var closed = now
        for interval in intervals where interval.length >= policy.rotationTime {
            if interval.start - closed > longest.wait { longest = (interval.start - closed, closed, interval.start) }
            closed = interval.end
        }
        return longest
    }
}

extension Instant {
    /// The day in UTC: `2026-12-20`.
    fileprivate var date: String { String(description.prefix(10)) }
}
