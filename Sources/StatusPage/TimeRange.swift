import Rotation

/// The time that pictures show: as much before now as after.
package struct TimeRange: Hashable, Sendable {
    /// How far it reaches to either side.
    package enum Span: String, CaseIterable, Sendable {
        case tenMinutes = "10min"
        case hour = "1h"
        case sixHours = "6h"
        case day = "1d"
        case week = "7d"
        case fortnight = "14d"
        case sixWeeks = "45d"
        case fourMonths = "120d"
        case year = "400d"

        /// The shortest in which both the last and the next rotation of a policy with that period are to be seen.
        init(fitting period: Duration) {
            self = Self.allCases.first { $0.length >= period + period / 4 } ?? .year
        }

        package var length: Duration {
            switch self {
            case .tenMinutes: .seconds(600)
            case .hour: .seconds(3600)
            case .sixHours: .seconds(6 * 3600)
            case .day: .seconds(86_400)
            case .week: .seconds(7 * 86_400)
            case .fortnight: .seconds(14 * 86_400)
            case .sixWeeks: .seconds(45 * 86_400)
            case .fourMonths: .seconds(120 * 86_400)
            case .year: .seconds(400 * 86_400)
            }
        }

        /// From one tick to the next.
        fileprivate var step: Step {
            switch self {
            case .tenMinutes: .seconds(300)
            case .hour: .seconds(1200)
            case .sixHours: .seconds(2 * 3600)
            case .day: .seconds(12 * 3600)
            case .week: .seconds(2 * 86_400)
            case .fortnight: .seconds(7 * 86_400)
            case .sixWeeks: .seconds(14 * 86_400)
            case .fourMonths: .months(1)
            case .year: .months(4)
            }
        }
    }

    fileprivate enum Step {
        case seconds(Int64)
        case months(Int64)
    }

    /// A moment that the axis names.
    struct Tick: Hashable {
        let at: Instant
        /// `12 Nov`, `14:30`, `2027`.
        let label: String
    }

    package let span: Span
    package let now: Instant
    package var from: Instant { now - span.length }
    package var until: Instant { now + span.length }

    package init(_ span: Span, now: Instant) {
        self.span = span
        self.now = now
    }

    /// Where an instant is on an axis that is 100 long, however far outside.
    func place(_ instant: Instant) -> Double {
        let whole = Double((until - from).wholeMicroseconds)
        return Double((instant - from).wholeMicroseconds) / whole * 100
    }

    /// The same within the axis.
    func clamped(_ instant: Instant) -> Double { min(100, max(0, place(instant))) }

    /// Full hours, days or months, in UTC.
    var ticks: [Tick] {
        var ticks: [Tick] = []
        switch span.step {
        case .seconds(let step):
            // Weeks begin on Mondays; 1970 began on a Thursday.
            let origin: Int64 = step % (7 * 86_400) == 0 ? 4 * 86_400 : 0
            var seconds = (from.unixSeconds - origin) / step * step + origin
            while seconds <= until.unixSeconds {
                let at = Instant(unixSeconds: seconds)
                if at >= from { ticks.append(Tick(at: at, label: Self.label(at, isDate: step % 86_400 == 0))) }
                seconds += step
            }
        case .months(let step):
            let (year, month, _) = CivilDate.fromDays(from.unixSeconds / 86_400)
            var index = (year * 12 + month - 1) / step * step
            while true {
                let days = CivilDate.days(year: index / 12, month: index % 12 + 1, day: 1)
                let at = Instant(unixSeconds: days * 86_400)
                guard at <= until else { break }
                if at >= from { ticks.append(Tick(at: at, label: Self.label(at, isDate: true))) }
                index += step
            }
        }
        return ticks
    }

    private static func label(_ instant: Instant, isDate: Bool) -> String {
        // 2026-11-25T09:30:00Z
        let text = instant.description
        let (hour, minute) = (text.dropFirst(11).prefix(2), text.dropFirst(14).prefix(2))
        if !isDate, hour != "00" || minute != "00" { return "\(hour):\(minute)" }
        let date = CivilDate.fromDays(instant.unixSeconds / 86_400)
        let month = TimeText.months[Int(date.month - 1)]
        return date.day == 1 && date.month == 1 ? "Jan \(date.year)" : "\(date.day) \(month)"
    }
}
