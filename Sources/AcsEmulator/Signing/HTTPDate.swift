import FoundationEssentials

/// Dates as HTTP writes them: `Mon, 02 Mar 2026 01:02:03 GMT` (RFC 9110, section 5.6.7, IMF-fixdate).
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()

    static func text(_ date: Date) -> String {
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
        let day = days[(parts.weekday ?? 1) - 1]
        let month = months[(parts.month ?? 1) - 1]
        let time = [parts.hour, parts.minute, parts.second].map { padded($0 ?? 0, 2) }.joined(separator: ":")
        return "\(day), \(padded(parts.day ?? 0, 2)) \(month) \(padded(parts.year ?? 0, 4)) \(time) GMT"
    }

    /// nil when the text is anything else, or names a day that is not that weekday.
    static func parse(_ text: String) -> Date? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, let month = months.firstIndex(of: String(words[2])) else { return nil }
        let time = words[4].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
        guard time.count == 3, (0..<24).contains(time[0]), (0..<60).contains(time[1]), (0..<61).contains(time[2]),
            let day = Int(words[1]), let year = Int(words[3])
        else { return nil }
        let parts = DateComponents(
            year: year, month: month + 1, day: day, hour: time[0], minute: time[1], second: min(time[2], 59))
        guard let date = calendar.date(from: parts), Self.text(date).prefix(16) == text.prefix(16) else { return nil }
        return date
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
