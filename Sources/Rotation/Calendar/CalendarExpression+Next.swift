extension CalendarExpression {
    /// The first instant after `instant` at which the expression elapses, as systemd finds it; nil when there is none
    /// until the end of 2199.
    ///
    /// Where clocks are set forward, a time that they skip elapses on the other side of the gap or not at all; where they
    /// are set back, a time that they show twice elapses once.
    ///
    /// - Parameter zone: of the expression's name, or the caller's when it names none. An expression in UTC ignores it.
    package func next(after instant: Instant, in zone: TimeZoneRules) -> Instant? {
        let start = instant.unixMicroseconds < 0 ? Instant(unixSeconds: 0) : instant
        var search = ElapseSearch(self, self.zone == .utc ? .utc : zone)
        guard let next = search.next(after: start.unixSeconds) else { return nil }
        return Instant(unixSeconds: next)
    }
}

/// Looks for the next elapse of one expression: field by field from the year down, beginning anew whenever a field moved
/// to where clocks show something else.
private struct ElapseSearch {
    /// What a field's move led to.
    private enum Bounds { case within, normalized, outside }

    let expression: CalendarExpression
    var search: LocalTimeSearch
    var local: LocalTime
    /// The search is a moment after `local`, in the same second.
    var isPast = true
    /// More rounds than any expression needs that elapses at all.
    private static let mostRounds = 1000

    init(_ expression: CalendarExpression, _ zone: TimeZoneRules) {
        self.expression = expression
        search = LocalTimeSearch(zone: zone)
        local = LocalTime(secondsAsUTC: 0, isDST: nil)
    }

    mutating func next(after seconds: Int64) -> Int64? {
        local = search.zone.localTime(at: seconds)
        for _ in 0..<Self.mostRounds {
            search.normalizeForward(&local)
            local.isDST = nil
            switch advance() {
            case .found: return search.normalize(&local).flatMap { $0 < 0 ? nil : $0 }
            case .never: return nil
            case .again: continue
            }
        }
        return nil
    }

    private enum Step { case found, again, never }

    private mutating func advance() -> Step {
        guard let year = match(expression.years, local.year) else { return .never }
        if year != local.year {
            local.year = year
            restart(month: 1, day: 1)
        }
        guard bounds() == .within else { return .never }
        if let step = advanceMonthAndDay() { return step }
        return advanceTime() ?? .found
    }

    /// nil when the date matches.
    private mutating func advanceMonthAndDay() -> Step? {
        let month = match(expression.months, local.month)
        if let month, month != local.month {
            local.month = month
            restart(day: 1)
        }
        switch month == nil ? .outside : bounds() {
        case .outside:
            local.year += 1
            restart(month: 1, day: 1)
            return .again
        case .normalized: return .again
        case .within: break
        }
        let day = matchDay()
        if let day, day != local.day { restart(day: day) }
        switch day == nil ? .outside : bounds() {
        case .outside:
            local.month += 1
            restart(day: 1)
            return .again
        case .normalized: return .again
        case .within: break
        }
        guard matchesWeekday() else {
            restart(day: local.day + 1)
            return .again
        }
        return nil
    }

    /// nil when the time of day matches.
    private mutating func advanceTime() -> Step? {
        let hour = match(expression.hours, local.hour)
        if let hour, hour != local.hour { restart(hour: hour) }
        switch hour == nil ? .outside : bounds() {
        case .outside:
            restart(day: local.day + 1)
            return .again
        case .normalized: return .again
        case .within: break
        }
        let minute = match(expression.minutes, local.minute)
        if let minute, minute != local.minute { restart(hour: local.hour, minute: minute) }
        switch minute == nil ? .outside : bounds() {
        case .outside:
            restart(hour: local.hour + 1)
            return .again
        case .normalized: return .again
        case .within: break
        }
        let second = match(expression.seconds, local.second + (isPast ? 1 : 0))
        if let second { local.second = second }
        isPast = false
        switch second == nil ? .outside : bounds() {
        case .outside:
            restart(hour: local.hour, minute: local.minute + 1)
            return .again
        case .normalized: return .again
        case .within: return nil
        }
    }

    /// Goes on at the beginning of another month, day, hour or minute.
    private mutating func restart(month: Int? = nil, day: Int? = nil, hour: Int = 0, minute: Int = 0) {
        if let month { local.month = month }
        if let day { local.day = day }
        (local.hour, local.minute, local.second) = (hour, minute, 0)
        isPast = false
    }

    private mutating func bounds() -> Bounds {
        guard local.year <= CalendarExpression.yearRange.upperBound else { return .outside }
        var normal = local
        guard let seconds = search.normalize(&normal), seconds >= 0 else { return .outside }
        switch normal.moved(from: local) {
        case .same: return .within
        case .earlier:
            // Going back would begin a circle.
            return .outside
        case .later:
            local = normal
            local.isDST = nil
            return .normalized
        }
    }

    private mutating func matchesWeekday() -> Bool {
        guard let weekdays = expression.weekdays else { return true }
        var normal = local
        guard let seconds = search.normalize(&normal), seconds >= 0 else { return false }
        return weekdays & (1 << LocalTime.weekday(secondsAsUTC: normal.secondsAsUTC)) != 0
    }

    private func match(_ components: [CalendarComponent]?, _ value: Int) -> Int? {
        guard let components else { return value }
        var best: Int?
        for component in components {
            guard let match = Self.match(component, value) else { continue }
            best = min(best ?? match, match)
        }
        return best
    }

    /// The smallest value of the component that is not below `value`.
    private static func match(_ component: CalendarComponent, _ value: Int) -> Int? {
        if component.start >= value { return component.start }
        guard let step = component.step else { return nil }
        let match = component.start + (value - component.start + step - 1) / step * step
        if let stop = component.stop, match > stop { return nil }
        return match
    }

    private mutating func matchDay() -> Int? {
        guard expression.countsFromEnd, let days = expression.days else { return match(expression.days, local.day) }
        var best: Int?
        for component in days {
            var counted = component
            counted.start = dayCountedFromEnd(component.start)
            let stop = dayCountedFromEnd(component.stop ?? -1)
            counted.stop = nil
            if stop > 0 {
                counted.stop = counted.start
                counted.start = stop
            }
            guard let match = Self.match(counted, local.day) else { continue }
            best = min(best ?? match, match)
        }
        return best
    }

    /// -1 when the month has no such day.
    private mutating func dayCountedFromEnd(_ day: Int) -> Int {
        var counted = local
        counted.month += 1
        counted.day = 1 - day
        guard let seconds = search.normalize(&counted), seconds >= 0, counted.month == local.month else { return -1 }
        return counted.day
    }
}
