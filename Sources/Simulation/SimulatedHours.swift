import Rotation

/// Windows and a yearly freeze of a policy, and what they mean to the world: worked out minute by minute, without the
/// rules that they are to judge.
struct SimulatedHours {
    private struct OpenTime {
        /// The days of the week on which it opens, 0 for Monday.
        let days: ClosedRange<Int>
        /// Minutes after midnight.
        let from: Int
        let to: Int

        var text: String {
            let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
            return "\(names[days.lowerBound])..\(names[days.upperBound])"
                + " \(SimulatedHours.time(from))..\(SimulatedHours.time(to))"
        }
    }

    private let windows: [OpenTime]
    /// Days of every year, month and day in one number; the last of them belongs to it.
    private let freeze: (from: Int, to: Int)?
    private let isBerlin: Bool
    let openings: Openings

    /// nil: the policy says nothing of the kind.
    init?(random: inout SeededRandom) {
        let sets: [[OpenTime]] = [
            [], [OpenTime(days: 0...3, from: 120, to: 300)], [OpenTime(days: 5...6, from: 0, to: 1440)],
            [OpenTime(days: 0...6, from: 1320, to: 240)],
            [OpenTime(days: 1...1, from: 600, to: 690), OpenTime(days: 4...4, from: 840, to: 900)],
            [OpenTime(days: 0...4, from: 30, to: 210), OpenTime(days: 6...6, from: 150, to: 165)],
        ]
        let freezes = [(1220, 104), (701, 731), (325, 402)]
        windows = random.pick(sets)
        freeze = random.chance(0.5) ? random.pick(freezes) : nil
        isBerlin = random.chance(0.7)
        guard !windows.isEmpty || freeze != nil else { return nil }
        do {
            var openings: [Freeze] = []
            if let freeze,
                let made = Freeze(
                    from: try Freeze.Edge(Self.date(freeze.from)), to: try Freeze.Edge(Self.date(freeze.to)))
            {
                openings = [made]
            }
            let windows = try windows.map { try Window($0.text) }
            self.openings = Openings(
                windows: windows, freezes: openings, zone: isBerlin ? TimeZoneRules.simulatedBerlin : .utc)
        } catch {
            preconditionFailure("the hours of simulated policies are well formed: \(error)")
        }
    }

    private static func date(_ number: Int) -> String { "\(number / 100)-\(number % 100)" }

    fileprivate static func time(_ minutes: Int) -> String {
        let (hour, minute) = minutes.quotientAndRemainder(dividingBy: 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }

    /// It closes every week; otherwise only for a freeze.
    var hasWindows: Bool { !windows.isEmpty }

    private func localSeconds(_ instant: Instant) -> Int64 {
        instant.unixSeconds + (isBerlin ? SimulatedZone.berlinOffset(instant) : 0)
    }

    private func isFrozen(_ day: Int64) -> Bool {
        guard let (first, last) = freeze else { return false }
        let date = CivilDate.fromDays(day)
        let today = Int(date.month) * 100 + Int(date.day)
        return first <= last ? (first...last).contains(today) : today >= first || today <= last
    }

    /// Whether a rotation may begin.
    func isOpen(at instant: Instant) -> Bool {
        let local = localSeconds(instant)
        let day = Int(local / 86_400)
        let minute = Int(local % 86_400) / 60
        guard !isFrozen(Int64(day)) else { return false }
        guard !windows.isEmpty else { return true }
        // 1970-01-01 was a Thursday.
        let weekday = (day + 3) % 7
        return windows.contains { window in
            if window.from < window.to {
                return window.days.contains(weekday) && (window.from..<window.to).contains(minute)
            }
            return window.days.contains(weekday) && minute >= window.from
                || window.days.contains((weekday + 6) % 7) && minute < window.to
        }
    }

    /// Whether it is open at any time between the two, looked at every minute.
    func isOpen(from start: Instant, to end: Instant) -> Bool {
        var place = start
        while place <= end {
            if isOpen(at: place) { return true }
            place = place + .seconds(60)
        }
        return false
    }

    /// The first instant from `instant` on, by quarters of an hour, at which it is open, or closed.
    func next(isOpen wanted: Bool, from instant: Instant) -> Instant {
        var place = instant
        // A freeze and a week are less than two months.
        for _ in 0..<6000 where isOpen(at: place) != wanted {
            let local = localSeconds(place)
            let rest = 86_400 - local % 86_400
            // A freeze is of whole days; they are of 23 hours at the least.
            let isLong = wanted && rest > 7200 && isFrozen(local / 86_400)
            place = place + .seconds(isLong ? (rest - 3600) / 900 * 900 : 900)
        }
        return place
    }
}
