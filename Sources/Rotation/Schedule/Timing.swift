/// What a policy says about the hours, the days and the dates of its rotations: shared by all of its resources, because
/// their machines are copied often.
package final class Timing: Hashable, Sendable {
    /// A rotation is due when it elapses; nil: `Policy.every` after the last one.
    package let calendar: CalendarExpression?
    /// Of `calendar`.
    package let calendarZone: TimeZoneRules
    /// When rotations may begin.
    package let openings: Openings
    /// Another text when any of it, or a time zone, is another; the same in every process.
    let signature: String

    package init(
        calendar: CalendarExpression? = nil, calendarZone: TimeZoneRules = .utc, openings: Openings = Openings()
    ) {
        self.calendar = calendar
        self.calendarZone = calendarZone
        self.openings = openings
        var text = calendar.map { "calendar \($0.normalized) \(calendarZone.signature)" } ?? ""
        if !openings.areAlways {
            text += " windows \(openings.windows) in \(openings.zone.signature)"
            text += openings.freezes.map { " without \($0.from) to \($0.to)" }.joined()
        }
        signature = text
    }

    package static func == (left: Timing, right: Timing) -> Bool {
        left === right
            || left.signature == right.signature && left.calendar == right.calendar
                && left.calendarZone == right.calendarZone && left.openings == right.openings
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(signature)
    }
}
