extension CalendarExpression {
    /// Brings the fields into the form that systemd prints, and refuses what can never be.
    mutating func normalize() throws(Malformed) {
        if weekdays == 0 || weekdays == 0x7f { weekdays = nil }
        if days == nil { countsFromEnd = false }
        years = years?.map { component in
            var component = component
            component.start = Self.fullYear(component.start)
            component.stop = component.stop.map(Self.fullYear)
            return component
        }
        years = try Self.normal(years, "year", Self.yearRange)
        months = try Self.normal(months, "month", 1...12)
        days = try Self.normal(days, "day", countsFromEnd ? 1...28 : 1...31, countsFromEnd: countsFromEnd)
        hours = try Self.normal(hours, "hour", 0...23)
        minutes = try Self.normal(minutes, "minute", 0...59)
        seconds = try Self.normal(seconds, "second", 0...59)
        if let seconds, seconds == [CalendarComponent(start: 0, stop: nil, step: 1)] { self.seconds = nil }
    }

    /// Two digits stand for 1970 to 2069.
    private static func fullYear(_ year: Int) -> Int {
        switch year {
        case 0..<70: year + 2000
        case 70..<100: year + 1900
        default: year
        }
    }

    private static func normal(
        _ components: [CalendarComponent]?, _ name: String, _ range: ClosedRange<Int>, countsFromEnd: Bool = false
    ) throws(Malformed) -> [CalendarComponent]? {
        guard let components else { return nil }
        var normal: [CalendarComponent] = []
        for component in components.map(\.shortened) {
            try check(component, name, range, countsFromEnd: countsFromEnd)
            if !normal.contains(component) { normal.append(component) }
        }
        return normal.sorted { left, right in
            (left.start, left.stop ?? -1, left.step ?? 0) < (right.start, right.stop ?? -1, right.step ?? 0)
        }
    }

    private static func check(
        _ component: CalendarComponent, _ name: String, _ range: ClosedRange<Int>, countsFromEnd: Bool
    ) throws(Malformed) {
        func refuse(_ description: String) -> Malformed {
            Malformed(offset: component.offset, description: description)
        }
        let span = "\(range.lowerBound) to \(range.upperBound)"
        for value in [component.start, component.stop].compactMap(\.self) where !range.contains(value) {
            throw refuse("the \(name) \(value) is out of range; it goes from \(span)")
        }
        let step = component.step ?? 0
        guard step <= range.upperBound - range.lowerBound else {
            throw refuse("the repetition of \(name)s by \(step) is longer than the range \(span)")
        }
        if let stop = component.stop {
            guard component.start + step <= stop else {
                throw refuse("the range of \(name)s \(component.start)..\(stop) goes backwards")
            }
        } else if countsFromEnd ? component.start - step < range.lowerBound : component.start + step > range.upperBound
        {
            throw refuse(
                "\(name) \(component.start) with a repetition by \(step) comes only once; it goes from \(span)")
        }
    }

    /// As `systemd-analyze calendar` prints it: `Mon..Fri *-*-* 03:00:00 Europe/Berlin`.
    package var normalized: String {
        var text = weekdays.map { Self.text(weekdays: $0) + " " } ?? ""
        text += Self.text(years, digits: 4) + "-" + Self.text(months, digits: 2) + (countsFromEnd ? "~" : "-")
        text += Self.text(days, digits: 2) + " " + Self.text(hours, digits: 2) + ":"
        text += Self.text(minutes, digits: 2) + ":" + Self.text(seconds, digits: 2)
        switch zone {
        case .unspecified: return text
        case .utc: return text + " UTC"
        case .named(let name): return text + " " + name
        }
    }

    private static func text(weekdays bits: UInt8) -> String {
        var parts: [String] = []
        var day = 0
        while day < 7 {
            guard bits & (1 << day) != 0 else {
                day += 1
                continue
            }
            let first = day
            while day < 7, bits & (1 << day) != 0 { day += 1 }
            let names = CalendarParser.weekdayNames.map { $0.prefix(3) }
            switch day - first {
            case 1: parts.append("\(names[first])")
            case 2: parts += ["\(names[first])", "\(names[day - 1])"]
            default: parts.append("\(names[first])..\(names[day - 1])")
            }
        }
        return parts.joined(separator: ",")
    }

    private static func text(_ components: [CalendarComponent]?, digits: Int) -> String {
        guard let components else { return "*" }
        return components.map { component in
            var text = padded(component.start, digits)
            if let stop = component.stop { text += ".." + padded(stop, digits) }
            if let step = component.step, component.stop == nil || step != 1 { text += "/\(step)" }
            return text
        }.joined(separator: ",")
    }

    private static func padded(_ value: Int, _ digits: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

extension CalendarComponent {
    /// With a last value that is reached, and without a repetition that does not come to pass.
    fileprivate var shortened: CalendarComponent {
        var short = self
        if let last = stop, let step, last > start { short.stop = last - (last - start) % step }
        if let last = short.stop, last == start || last > start && (step.map { start + $0 > last } ?? false) {
            (short.stop, short.step) = (nil, nil)
        }
        return short
    }
}
