import Rotation

/// Reads POSIX `TZ` strings as they stand in the footers of TZif files: `CET-1CEST,M3.5.0,M10.5.0/3`, `<+0330>-3:30`
/// (POSIX.1-2017, section 8.3, with the hours of RFC 9636).
enum PosixTimeZone {
    /// nil when the text is anything else.
    static func parse(_ text: String) -> RecurringTimeChange? {
        var scanner = Scanner(Array(text.utf8))
        guard let name = scanner.abbreviation(), let offset = scanner.time(hours: 24) else { return nil }
        // POSIX counts offsets west of UTC.
        let standard = TimeZoneRules.LocalTimeType(offset: -offset, isDST: false, abbreviation: name)
        guard !scanner.isAtEnd else { return RecurringTimeChange(standard: standard) }
        guard let daylightName = scanner.abbreviation() else { return nil }
        var daylightOffset = -offset + 3600
        if scanner.next != UInt8(ascii: ",") {
            guard let offset = scanner.time(hours: 24) else { return nil }
            daylightOffset = -offset
        }
        guard scanner.skip(","), let begins = scanner.change(), scanner.skip(","), let ends = scanner.change(),
            scanner.isAtEnd
        else { return nil }
        let daylight = TimeZoneRules.LocalTimeType(offset: daylightOffset, isDST: true, abbreviation: daylightName)
        return RecurringTimeChange(
            standard: standard, daylight: RecurringTimeChange.Daylight(type: daylight, begins: begins, ends: ends))
    }

    private struct Scanner {
        private let bytes: [UInt8]
        private var position = 0

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        var next: UInt8? { position < bytes.count ? bytes[position] : nil }
        var isAtEnd: Bool { position == bytes.count }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard let next, UInt32(next) == character.value else { return false }
            position += 1
            return true
        }

        /// Letters, or anything in angle brackets.
        mutating func abbreviation() -> String? {
            let isQuoted = skip("<")
            let start = position
            while let next, isQuoted ? next != UInt8(ascii: ">") : Self.isLetter(next) { position += 1 }
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            guard text.utf8.count >= 3, text.utf8.count <= 32, !isQuoted || skip(">") else { return nil }
            return text
        }

        private static func isLetter(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time(hours limit: Int) -> Int? {
            let sign = skip("-") ? -1 : 1
            if sign == 1 { _ = skip("+") }
            guard let hours = number(limit) else { return nil }
            var seconds = hours * 3600
            if skip(":") {
                guard let minutes = number(59) else { return nil }
                seconds += minutes * 60
                if skip(":") {
                    guard let more = number(59) else { return nil }
                    seconds += more
                }
            }
            return sign * seconds
        }

        mutating func change() -> RecurringTimeChange.Change? {
            let day: RecurringTimeChange.Day
            if skip("M") {
                guard let month = number(12), month > 0, skip("."), let week = number(5), week > 0, skip("."),
                    let weekday = number(6)
                else { return nil }
                day = .ofMonth(month: month, week: week, weekday: weekday)
            } else if skip("J") {
                guard let number = number(365), number > 0 else { return nil }
                day = .julian(number)
            } else {
                guard let number = number(365) else { return nil }
                day = .ofYear(number)
            }
            guard skip("/") else { return RecurringTimeChange.Change(day: day, seconds: 7200) }
            guard let seconds = time(hours: 167) else { return nil }
            return RecurringTimeChange.Change(day: day, seconds: seconds)
        }

        private mutating func number(_ limit: Int) -> Int? {
            let start = position
            var value = 0
            while let next, (0x30...0x39).contains(next), position - start < 4 {
                value = value * 10 + Int(next - 0x30)
                position += 1
            }
            return position > start && value <= limit ? value : nil
        }
    }
}
