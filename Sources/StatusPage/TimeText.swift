import HTML
import Rotation

/// Times for people, never finer than seconds.
enum TimeText {
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `17d 3h`, `45s`.
    static func span(_ span: Duration) -> String {
        TimeSpan.describe(.seconds(max(0, span.components.seconds)))
    }

    /// `in 17d 3h`, `3min 2s ago`, `now`.
    static func relative(_ instant: Instant, _ now: Instant) -> String {
        let distance = instant - now
        if distance >= .seconds(1) { return "in \(span(distance))" }
        return distance > .seconds(-1) ? "now" : "\(span(now - instant)) ago"
    }

    /// `2026-11-25T09:30:00Z`
    static func exact(_ instant: Instant) -> String { Instant(unixSeconds: instant.unixSeconds).description }
}

extension HTMLWriter {
    /// How far away the instant is; when exactly is shown by pointing at it, and read by programs.
    mutating func relative(_ instant: Instant, now: Instant) {
        time(instant, text: TimeText.relative(instant, now))
    }

    /// `2026-11-25T09:30:00Z`, and how far away that is.
    mutating func exact(_ instant: Instant, now: Instant) {
        time(instant, text: TimeText.exact(instant))
        element(.span, .class("far"), text: " (\(TimeText.relative(instant, now)))")
    }

    mutating func time(_ instant: Instant, text: String) {
        let exact = TimeText.exact(instant)
        element(.time, .text(.datetime, exact), .text(.title, exact), text: text)
    }
}

extension PlannedRotation.Cause {
    /// Why a rotation begins when it does, for people.
    var words: String {
        switch self {
        case .every: "as its period has passed"
        case .calendar: "as its calendar says"
        case .jitter: "as its period and its share of the jitter have passed"
        case .windowOpens: "as a window opens"
        case .freezeEnds: "as a freeze ends"
        case .deadline: "as its key gets as old as it may"
        case .overdue: "as it is overdue"
        case .overlapEnds: "as the overlap ends"
        case .requested: "as somebody asked for it"
        case .canary: "as its canary has gone first"
        case .retire: "so that the superseded value dies"
        }
    }
}
