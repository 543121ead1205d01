/// What a picture of time has to show.
extension Openings {
    /// The times between two instants in which rotations may begin, in order; those that reach out are cut.
    ///
    /// - Parameter limit: at most so many, the first ones.
    package func intervals(from: Instant, until: Instant, limit: Int) -> [Interval] {
        var intervals: [Interval] = []
        var place = from
        while place < until, intervals.count < limit, let interval = interval(from: place), interval.start < until {
            intervals.append(Interval(start: interval.start, end: min(interval.end, until)))
            // An interval that never ends is the last one.
            place = interval.end
        }
        return intervals
    }

    /// The times between two instants in which one of the freezes is on, each for itself, in order; those that reach out
    /// are cut.
    package func frozen(from: Instant, until: Instant) -> [(freeze: Freeze, interval: Interval)] {
        freezes.flatMap { freeze in
            frozen(freeze, from.unixSeconds, until.unixSeconds).map { start, end in
                (freeze, Interval(start: Instant(unixSeconds: start), end: Instant(unixSeconds: end)))
            }
        }.sorted { $0.interval.start < $1.interval.start }
    }

    private func frozen(_ freeze: Freeze, _ from: Int64, _ until: Int64) -> [(start: Int64, end: Int64)] {
        var spans: [(start: Int64, end: Int64)] = []
        var place = from
        // A freeze begins and ends once a year, and clocks change twice.
        for _ in 0..<1000 where place < until {
            let offset = Int64(zone.type(at: place).offset)
            let state = freeze.state(at: place + offset)
            let change = zone.nextChange(after: place) ?? .max
            let end = min(state.until == .max ? .max : state.until - offset, change, until)
            if state.isOn {
                if spans.last?.end == place { spans[spans.count - 1].end = end } else { spans.append((place, end)) }
            }
            place = end
        }
        return spans
    }
}
