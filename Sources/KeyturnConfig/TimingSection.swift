import Rotation

/// What a policy says about the hours and dates of its rotations, as far as it could be read.
struct WrittenTiming {
    var calendar: Setting<CalendarExpression> = .absent
    /// The time zone of the calendar expression: its own, or the policy's.
    var calendarZone = TimeZoneRules.utc
    /// Of windows and freezes.
    var zone = TimeZoneRules.utc
    var windows: [(window: Window, mark: SourceMark)] = []
    var freezes: [(freeze: Freeze, mark: SourceMark)] = []
    /// Where `windows` or, without them, `freeze` stands.
    var mark: SourceMark?

    var openings: Openings {
        Openings(windows: windows.map(\.window), freezes: freezes.map(\.freeze), zone: zone)
    }

    /// nil when the policy says nothing of the kind.
    var timing: Timing? {
        guard calendar.value != nil || !openings.areAlways else { return nil }
        return Timing(calendar: calendar.value, calendarZone: calendarZone, openings: openings)
    }
}

/// Reads `calendar`, `timezone`, `windows` and `freeze` of a policy.
struct TimingSection {
    let surroundings: ConfigurationSurroundings
    let diagnostics: DiagnosticCollector

    static let counts = 0...100

    /// nil, after a report, when anything in it is wrong.
    func read(_ reader: SettingsReader) -> WrittenTiming? {
        var timing = WrittenTiming()
        var isGood = true
        func take<Value>(_ key: String, _ make: (YAMLNode) -> Value?) -> Value? {
            let setting = reader.setting(key, make)
            if case .refused = setting { isGood = false }
            return setting.value
        }
        let zone = take("timezone") { self.zone($0) }
        timing.zone = zone ?? .utc
        timing.calendar = reader.setting("calendar") { calendar($0) }
        if case .refused = timing.calendar { isGood = false }
        timing.calendarZone = timing.zone
        if case .given(let calendar, let mark) = timing.calendar {
            switch calendar.zone {
            case .unspecified: break
            case .utc: timing.calendarZone = .utc
            case .named(let name):
                if let own = self.zone(named: name, at: mark) { timing.calendarZone = own } else { isGood = false }
            }
        }
        timing.windows = take("windows") { list($0, "windows", "[\"Mon..Thu 02:00..05:00\"]", window) } ?? []
        timing.freezes =
            take("freeze") { list($0, "freeze", "[{from: 12-20, to: 01-04, reason: holidays}]", freeze) } ?? []
        timing.mark = reader.node("windows")?.mark ?? reader.node("freeze")?.mark
        if zone != nil, timing.timing == nil, isGood, let mark = reader.keyMark("timezone") {
            diagnostics.warning(
                "timezone has no effect in \(reader.what): it is for calendar, windows and freeze", at: mark)
        }
        return isGood ? timing : nil
    }

    /// nil when an item is wrong.
    private func list<Value>(
        _ node: YAMLNode, _ what: String, _ example: String, _ make: (YAMLNode) -> Value?
    ) -> [(Value, SourceMark)]? {
        guard let items = node.list(what, example, diagnostics) else { return nil }
        guard Self.counts.contains(items.count) else {
            diagnostics.error("\(what) has \(items.count) entries; more than 100 are not what was meant", at: node.mark)
            return nil
        }
        let made = items.map { item in make(item).map { ($0, item.mark) } }
        return made.contains { $0 == nil } ? nil : made.compactMap(\.self)
    }

    private func calendar(_ node: YAMLNode) -> CalendarExpression? {
        located(node, "calendar", "a calendar expression such as \"Mon *-*-* 03:00\"") {
            text throws(CalendarExpression.Malformed) in try CalendarExpression(text)
        }
    }

    private func window(_ node: YAMLNode) -> Window? {
        located(node, "windows", "a window such as \"Mon..Thu 02:00..05:00\"") {
            text throws(CalendarExpression.Malformed) in try Window(text)
        }
    }

    private func freeze(_ node: YAMLNode) -> Freeze? {
        guard let reader = SettingsReader(node, "a freeze", Self.freezeShape, diagnostics) else {
            return nil
        }
        let from = reader.required("from", "2026-12-20") { edge($0, "from") }
        let to = reader.required("to", "2027-01-04") { edge($0, "to") }
        let reason = reader.setting("reason") { $0.text("reason", "text", diagnostics) }
        guard let from = from.value, let to = to.value, !reader.hasUnknownKeys else { return nil }
        if case .refused = reason { return nil }
        if let freeze = Freeze(from: from, to: to, reason: reason.value ?? "") { return freeze }
        diagnostics.error(
            "the freeze from \(from) to \(to) never is",
            hint: "it ends before it begins, or only one of its dates has a year", at: reader.mark)
        return nil
    }

    private func edge(_ node: YAMLNode, _ what: String) -> Freeze.Edge? {
        located(node, what, "a date such as 2026-12-20, or 12-20 for every year") {
            text throws(CalendarExpression.Malformed) in try Freeze.Edge(text)
        }
    }

    /// A text that says itself where it is wrong.
    private func located<Value>(
        _ node: YAMLNode, _ what: String, _ expected: String,
        _ make: (String) throws(CalendarExpression.Malformed) -> Value
    ) -> Value? {
        guard let scalar = node.scalar(what, expected, diagnostics) else { return nil }
        do {
            return try make(scalar.text)
        } catch {
            diagnostics.error("\(what): \(error)", at: node.mark(at: error.offset, in: scalar))
            return nil
        }
    }

    private func zone(_ node: YAMLNode) -> TimeZoneRules? {
        guard let name = node.text("timezone", "a time zone such as Europe/Berlin", diagnostics) else { return nil }
        return zone(named: name, at: node.mark)
    }

    private func zone(named name: String, at mark: SourceMark) -> TimeZoneRules? {
        switch surroundings.zone(name) {
        case .known(let zone): return zone
        case .unknown(let problem):
            let close = DidYouMean.candidates(for: name, among: surroundings.zoneNames())
            let hint = close.isEmpty ? nil : "did you mean \(YAMLNode.alternatives(close.map { "'\($0)'" }))?"
            diagnostics.error(problem, hint: hint, at: mark)
            return nil
        }
    }
}
