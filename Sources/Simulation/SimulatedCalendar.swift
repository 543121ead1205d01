import Rotation

/// A calendar expression of a policy, and what it means to the world: worked out day by day, without the rules that it is to
/// judge.
struct SimulatedCalendar {
    private enum Days {
        /// The same day of some months.
        case day(Int, ofMonths: [Int])
        /// The last day of some months.
        case last(ofMonths: [Int])
        /// The first of a weekday in a month, 0 for Monday.
        case first(weekday: Int)
    }

    private let days: Days
    /// Seconds after midnight.
    private let time: Int64
    private let isBerlin: Bool
    let expression: CalendarExpression
    /// The longest time between two elapses, an hour of daylight saving time included.
    let longestGap: Duration

    init(random: inout SeededRandom) {
        let every = Array(1...12)
        let choices: [(days: Days, text: String, gap: Int64)] = [
            (.day(1, ofMonths: every), "*-*-01", 31), (.day(28, ofMonths: every), "*-*-28", 31),
            (.first(weekday: 0), "Mon *-*-1..7", 35), (.first(weekday: 6), "Sun *-*-01..07", 35),
            (.day(15, ofMonths: [1, 4, 7, 10]), "*-1/3-15", 92), (.last(ofMonths: [3, 9]), "*-03,09~1", 184),
            (.last(ofMonths: every), "*-*~01", 31), (.day(1, ofMonths: [2]), "*-02-01", 366),
        ]
        let choice = random.pick(choices)
        // Between two and three the clocks change.
        let hour = random.pick([0, 1, 3, 3, 4, 9, 14, 23])
        let minute = random.pick([0, 0, 30, 47])
        days = choice.days
        time = Int64(hour * 3600 + minute * 60)
        isBerlin = random.chance(0.6)
        longestGap = .seconds(choice.gap * 86_400 + 3600)
        do {
            expression = try CalendarExpression("\(choice.text) \(hour):\(minute < 10 ? "0" : "")\(minute)")
        } catch {
            preconditionFailure("the calendars of simulated policies are well formed: \(error)")
        }
    }

    var zone: TimeZoneRules { isBerlin ? .simulatedBerlin : .utc }

    /// Its first elapse after `instant`.
    func next(after instant: Instant) -> Instant {
        var day = instant.unixSeconds / 86_400 - 1
        while true {
            if isDay(day) {
                let elapse = self.instant(day)
                if elapse > instant { return elapse }
            }
            day += 1
        }
    }

    /// Its last elapse up to `instant`.
    func last(until instant: Instant) -> Instant {
        var elapse = instant - longestGap - .seconds(86_400)
        while true {
            let following = next(after: elapse)
            if following > instant { return elapse }
            elapse = following
        }
    }

    private func isDay(_ day: Int64) -> Bool {
        let date = CivilDate.fromDays(day)
        switch days {
        case .day(let number, let months): return Int(date.day) == number && months.contains(Int(date.month))
        case .last(let months):
            return CivilDate.fromDays(day + 1).day == 1 && months.contains(Int(date.month))
        // 1970-01-01 was a Thursday.
        case .first(let weekday): return date.day <= 7 && Int((day + 3) % 7) == weekday
        }
    }

    private func instant(_ day: Int64) -> Instant {
        let local = day * 86_400 + time
        guard isBerlin else { return Instant(unixSeconds: local) }
        return Instant(unixSeconds: local - SimulatedZone.berlinOffset(Instant(unixSeconds: local - 3600)))
    }
}
