/// Text form of an instant: RFC 3339 in UTC, as in `2026-03-02T01:02:03Z`, with a fraction only when there is one.
extension Instant: CustomStringConvertible, Codable {
    package var description: String {
        let remainder = unixMicroseconds % 1_000_000
        let fraction = remainder < 0 ? remainder + 1_000_000 : remainder
        let seconds = unixSeconds
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let second = seconds - day * 86_400
        let (year, month, dayOfMonth) = CivilDate.fromDays(day)
        return String(unsafeUninitializedCapacity: 40) { buffer in
            var writer = DigitWriter(buffer)
            writer.add(year, width: 4)
            writer.add("-", month)
            writer.add("-", dayOfMonth)
            writer.add("T", second / 3600)
            writer.add(":", second / 60 % 60)
            writer.add(":", second % 60)
            if fraction != 0 {
                writer.add(".")
                var (digits, width) = (fraction, 6)
                while digits % 10 == 0 { (digits, width) = (digits / 10, width - 1) }
                writer.add(digits, width: width)
            }
            writer.add("Z")
            return writer.count
        }
    }

    /// Reads RFC 3339 with `Z` or a numeric offset; nil when the text is anything else.
    package init?(rfc3339 text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2), scanner.skip("-"),
            let day = scanner.digits(2), scanner.skip("T") || scanner.skip("t"),
            let hour = scanner.digits(2), scanner.skip(":"), let minute = scanner.digits(2), scanner.skip(":"),
            let second = scanner.digits(2), (1...12).contains(month), day >= 1,
            day <= CivilDate.daysInMonth(year: year, month: month), hour < 24, minute < 60, second < 60
        else { return nil }
        var microseconds: Int64 = 0
        if scanner.skip(".") {
            guard let fraction = scanner.fraction() else { return nil }
            microseconds = fraction
        }
        guard let offset = scanner.zoneOffset(), scanner.atEnd else { return nil }
        let days = CivilDate.days(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(unixMicroseconds: seconds * 1_000_000 + microseconds)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let instant = Instant(rfc3339: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 instant")
        }
        self = instant
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// The proleptic Gregorian calendar on whole days since 1970-01-01.
package enum CivilDate {
    package static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        // Years start in March here, so that the leap day is the last day of a year.
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    package static func fromDays(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    package static func daysInMonth(year: Int64, month: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Writes ASCII; the longest text of an instant has to fit.
private struct DigitWriter {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.buffer = buffer
    }

    mutating func add(_ character: Unicode.Scalar) {
        buffer[count] = UInt8(truncatingIfNeeded: character.value)
        count += 1
    }

    /// A mark, and two digits.
    mutating func add(_ mark: Unicode.Scalar, _ value: Int64) {
        add(mark)
        add(value, width: 2)
    }

    /// With zeros before it up to `width`; longer when it does not fit.
    mutating func add(_ value: Int64, width: Int) {
        if value < 0 { add("-") }
        var divisor: UInt64 = 1
        for _ in 1..<width { divisor *= 10 }
        while value.magnitude / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            buffer[count] = UInt8(ascii: "0") + UInt8(value.magnitude / divisor % 10)
            count += 1
            divisor /= 10
        }
    }
}

private struct DigitScanner {
    private let bytes: [UInt8]
    private var place = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var atEnd: Bool { place == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard place < bytes.count, UInt32(bytes[place]) == character.value else { return false }
        place += 1
        return true
    }

    mutating func digits(_ count: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// A fraction of a second in microseconds; further digits are dropped.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let digit = digit() {
            if count < 6 { value = value * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 6)..<6 { value *= 10 }
        return value
    }

    /// Seconds east of UTC.
    mutating func zoneOffset() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hour = digits(2), skip(":"), let minute = digits(2), hour < 24, minute < 60 else { return nil }
        return sign * (hour * 3600 + minute * 60)
    }

    private mutating func digit() -> Int64? {
        guard place < bytes.count, bytes[place] >= 0x30, bytes[place] <= 0x39 else { return nil }
        defer { place += 1 }
        return Int64(bytes[place] - 0x30)
    }
}
