/// When scheduled rotations may begin: in any of the windows, and not in a freeze.
package struct Openings: Hashable, Sendable {
    package let windows: [Window]
    package let freezes: [Freeze]
    package let zone: TimeZoneRules

    package init(windows: [Window] = [], freezes: [Freeze] = [], zone: TimeZoneRules = .utc) {
        self.windows = Self.leaveNoGap(windows) ? [] : windows
        self.freezes = freezes
        self.zone = zone
    }

    /// Windows that are open all week restrict nothing.
    private static func leaveNoGap(_ windows: [Window]) -> Bool {
        var place: Int64 = 0
        while place < 8 * 86_400 {
            let closings = windows.map { $0.state(at: place) }.filter(\.isOpen).map(\.until)
            guard let next = closings.max() else { return windows.isEmpty }
            place = next
        }
        return true
    }

    package var areAlways: Bool { windows.isEmpty && freezes.isEmpty }

    /// A time without a break in which rotations may begin.
    package struct Interval: Hashable, Sendable {
        package let start: Instant
        /// The distant future: it never ends.
        package let end: Instant

        package var length: Duration { end - start }
    }

    /// More changes than this without an opening mean that there is none: what closes it next is a window, a freeze or a
    /// change of the clocks, and each of them ends once a day or once a year.
    private static let mostChanges = 1000

    package func isOpen(at instant: Instant) -> Bool {
        guard !areAlways else { return true }
        var offset = Offset()
        return state(at: instant.unixSeconds, &offset).isOpen
    }

    /// The interval that `instant` is in, from `instant` on, or the next one; nil: it never opens again.
    package func interval(from instant: Instant) -> Interval? {
        guard !areAlways else { return Interval(start: instant, end: .distantFuture) }
        let seconds = instant.unixSeconds
        var offset = Offset()
        guard let start = change(to: true, from: seconds, &offset) else { return nil }
        let end = change(to: false, from: start, &offset)
        return Interval(
            start: start == seconds ? instant : Instant(unixSeconds: start),
            end: end.map { Instant(unixSeconds: $0) } ?? .distantFuture)
    }

    /// The first second from `seconds` on at which it is open, or closed; nil: it never is.
    private func change(to isOpen: Bool, from seconds: Int64, _ offset: inout Offset) -> Int64? {
        var place = seconds
        for _ in 0..<Self.mostChanges {
            let state = state(at: place, &offset)
            if state.isOpen == isOpen { return place }
            guard state.until < Self.end else { return nil }
            place = state.until
        }
        return nil
    }

    /// The year 9999; calendars end there.
    private static let end: Int64 = 253_402_300_800

    /// By how much clocks are ahead of UTC, and from when until when: looked up again only beyond that.
    private struct Offset {
        var seconds: Int64 = 0
        var span: Range<Int64> = 0..<0
    }

    /// Whether it is open at an instant, and an instant until which that stays so.
    private func state(at seconds: Int64, _ offset: inout Offset) -> (isOpen: Bool, until: Int64) {
        if !offset.span.contains(seconds) {
            offset.seconds = Int64(zone.type(at: seconds).offset)
            offset.span = seconds..<(zone.nextChange(after: seconds) ?? .max)
        }
        let (isOpen, until) = localState(at: seconds + offset.seconds)
        return (isOpen, min(until == .max ? .max : until - offset.seconds, offset.span.upperBound))
    }

    private func localState(at local: Int64) -> (isOpen: Bool, until: Int64) {
        var until = Int64.max
        for freeze in freezes {
            let state = freeze.state(at: local)
            if state.isOn { return (false, state.until) }
            until = min(until, state.until)
        }
        guard !windows.isEmpty else { return (true, until) }
        var closesAt: Int64?
        for window in windows {
            let state = window.state(at: local)
            if state.isOpen {
                closesAt = max(closesAt ?? state.until, state.until)
            } else {
                until = min(until, state.until)
            }
        }
        if let closesAt { return (true, min(closesAt, frozenFrom(local))) }
        return (false, until)
    }

    private func frozenFrom(_ local: Int64) -> Int64 {
        freezes.map { $0.state(at: local).until }.min() ?? .max
    }

    /// What keeps rotations from beginning at the instant, for those who read the plan; nil: nothing does.
    package func closure(at instant: Instant) -> Closure? {
        let seconds = instant.unixSeconds
        let local = seconds + Int64(zone.type(at: seconds).offset)
        if let freeze = freezes.first(where: { $0.state(at: local).isOn }) { return .freeze(freeze) }
        return windows.isEmpty || windows.contains { $0.state(at: local).isOpen } ? nil : .window
    }

    package enum Closure: Hashable, Sendable {
        case freeze(Freeze)
        case window
    }

    /// The same without its freezes.
    package var withoutFreezes: Openings { Openings(windows: windows, zone: zone) }
}
