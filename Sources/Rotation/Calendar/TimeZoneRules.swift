/// What a time zone's clocks show, and when they change: a parsed TZif file (RFC 9636) as a value.
package struct TimeZoneRules: Hashable, Sendable {
    /// One kind of local time.
    package struct LocalTimeType: Hashable, Sendable {
        /// Seconds east of UTC.
        package var offset: Int
        package var isDST: Bool
        /// `CEST`, `+0330`.
        package var abbreviation: String

        package init(offset: Int, isDST: Bool, abbreviation: String) {
            self.offset = offset
            self.isDST = isDST
            self.abbreviation = abbreviation
        }
    }

    /// `Europe/Berlin`.
    package let name: String
    /// When the local time type changes, in seconds since 1970, ascending.
    private let transitions: [Int64]
    /// The local time type from each transition on.
    private let types: [LocalTimeType]
    /// Before the first transition.
    private let first: LocalTimeType
    /// After the last transition; nil: as from the last transition on.
    private let rule: RecurringTimeChange?

    /// - Parameters:
    ///   - transitions: ascending, each with what is from then on.
    ///   - first: what is before them.
    ///   - rule: what is after the last of them; nil: no change any more.
    package init(
        name: String, transitions: [(at: Int64, type: LocalTimeType)], first: LocalTimeType,
        rule: RecurringTimeChange? = nil
    ) {
        self.name = name
        self.transitions = transitions.map(\.at)
        types = transitions.map(\.type)
        self.first = first
        self.rule = rule
    }

    package static let utc = TimeZoneRules(
        name: "UTC", transitions: [], first: LocalTimeType(offset: 0, isDST: false, abbreviation: "UTC"))

    /// What clocks show at an instant: `Tue 2027-01-05 02:14:03 CET`.
    package func text(_ instant: Instant) -> String {
        let seconds = instant.unixSeconds
        let local = localTime(at: seconds)
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let weekday = CalendarParser.weekdayNames[LocalTime.weekday(secondsAsUTC: local.secondsAsUTC)].prefix(3)
        return "\(weekday) \(padded(local.year, 4))-\(padded(local.month))-\(padded(local.day))"
            + " \(padded(local.hour)):\(padded(local.minute)):\(padded(local.second)) \(type(at: seconds).abbreviation)"
    }

    /// Another text when the zone's clocks are to show anything else, from 2020 on; the same in every process.
    package var signature: String {
        var text = "\(type(at: 1_577_836_800).offset)"
        for (at, type) in zip(transitions, types) where at > 1_577_836_800 { text += " \(at):\(type.offset)" }
        if let rule { text += " \(rule)" }
        return StableHash.hex(text)
    }

    /// The kind of local time at an instant.
    package func type(at instant: Instant) -> LocalTimeType { type(at: instant.unixSeconds) }

    func type(at seconds: Int64) -> LocalTimeType {
        guard let last = transitions.last, seconds < last else {
            return rule?.type(at: seconds) ?? types.last ?? first
        }
        // The first transition after the instant.
        var (low, high) = (0, transitions.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] > seconds { high = middle } else { low = middle + 1 }
        }
        return low == 0 ? first : types[low - 1]
    }

    /// The first change of the offset from UTC after an instant; nil: there is none any more.
    func nextChange(after seconds: Int64) -> Int64? {
        guard let last = transitions.last, seconds < last else { return rule?.nextChange(after: seconds) }
        var (low, high) = (0, transitions.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] > seconds { high = middle } else { low = middle + 1 }
        }
        return transitions[low]
    }

    func localTime(at seconds: Int64) -> LocalTime {
        let type = type(at: seconds)
        return LocalTime(secondsAsUTC: seconds + Int64(type.offset), isDST: type.isDST)
    }
}

/// Finds the instant at which clocks show a local time, the way the C library does: where clocks skip it or show it
/// twice, the answer depends on where the search begins, and calendar expressions elapse accordingly.
struct LocalTimeSearch {
    let zone: TimeZoneRules
    /// The offset from UTC that fitted last, with which the next search begins.
    var offset: Int64 = 0

    /// Normalises the local time to what clocks show at the instant that is returned; nil when there is none.
    ///
    /// A local time in a gap is taken to the other side of it.
    mutating func normalize(_ local: inout LocalTime) -> Int64? {
        let wanted = local.secondsAsUTC
        var guess = wanted - offset
        var (previous, beforePrevious) = (guess, guess)
        var previousIsDST = false
        for _ in 0..<6 {
            let type = zone.type(at: guess)
            let error = wanted - (guess + Int64(type.offset))
            let oscillates = guess == beforePrevious && guess != previous
            let isBest =
                if let isDST = local.isDST { isDST != type.isDST } else { !previousIsDST || type.isDST }
            if error == 0 || oscillates && isBest {
                if error == 0, let isDST = local.isDST, isDST != type.isDST,
                    let other = near(guess, isDST: isDST, wanted)
                {
                    guess = other
                }
                return found(guess, wanted, &local)
            }
            (beforePrevious, previous, guess) = (previous, guess, guess + error)
            previousIsDST = type.isDST
        }
        return nil
    }

    /// The same, but a local time in a gap is taken to the end of it, so that a search goes on.
    mutating func normalizeForward(_ local: inout LocalTime) {
        let wanted = local.secondsAsUTC
        guard let seconds = normalize(&local) else { return }
        let missing = wanted - local.secondsAsUTC
        if missing > 0 { local = zone.localTime(at: seconds + missing) }
    }

    private mutating func found(_ seconds: Int64, _ wanted: Int64, _ local: inout LocalTime) -> Int64 {
        offset = wanted - seconds
        local = zone.localTime(at: seconds)
        return seconds
    }

    /// The instant at which clocks show the same with the other kind of time, where both are near.
    private func near(_ seconds: Int64, isDST: Bool, _ wanted: Int64) -> Int64? {
        // A week is the shortest time between two changes.
        for distance in stride(from: Int64(601_200), through: 536_454_000, by: 601_200) {
            for place in [seconds - distance, seconds + distance] {
                let type = zone.type(at: place)
                if type.isDST == isDST { return wanted - Int64(type.offset) }
            }
        }
        return nil
    }
}
