/// Time spans as people write and read them.
package enum TimeSpan {
    /// Why a text is no time span.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        /// The character, counted from 0, at which the text stops making sense.
        package let offset: Int
        /// What is wrong there; a phrase without a capital or a full stop.
        package let description: String
    }

    /// Reads systemd's time spans (systemd.time(7): `30d`, `1h 30min`, `1.5h`, `500ms`) and the durations of ISO 8601
    /// (`P30D`, `PT15M`).
    ///
    /// As in systemd, a year is 365.25 days and a month a twelfth of that (30.44 days), `m` is minutes and `M` months.
    /// Unlike systemd, a number without a unit is refused, because elsewhere it would be seconds, minutes or days.
    /// What is finer than a microsecond is dropped.
    package static func parse(_ text: String) throws(Malformed) -> Duration {
        var scanner = Scanner(text)
        scanner.skipSpaces()
        let microseconds = scanner.next == "P" ? try scanner.iso8601() : try scanner.systemd()
        return .microseconds(microseconds)
    }

    /// The span with at most two units next to each other, rounded down: `30d`, `1h 30min`, `3h 12min`, `500ms`, `0s`.
    package static func describe(_ duration: Duration) -> String {
        let microseconds = duration.wholeMicroseconds
        var rest = microseconds.magnitude
        let units: [(String, UInt64)] = [
            ("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("ms", 1000), ("us", 1),
        ]
        guard let first = units.firstIndex(where: { rest >= $0.1 }) else { return "0s" }
        var parts: [String] = []
        for (name, size) in units[first...].prefix(2) where rest >= size {
            parts.append("\(rest / size)\(name)")
            rest %= size
        }
        return (microseconds < 0 ? "-" : "") + parts.joined(separator: " ")
    }

    /// One unit as systemd's `parse_time` names it.
    private struct Unit {
        let names: [String]
        let microseconds: Int64
        /// Its letter in ISO 8601, and whether that stands after the `T`.
        var iso: (letter: Character, isTime: Bool)?
    }

    /// From the longest to the shortest, the order in which ISO 8601 wants them.
    private static let units = [
        Unit(names: ["y", "year", "years"], microseconds: 31_557_600_000_000, iso: ("Y", false)),
        Unit(names: ["M", "month", "months"], microseconds: 2_629_800_000_000, iso: ("M", false)),
        Unit(names: ["w", "week", "weeks"], microseconds: 604_800_000_000, iso: ("W", false)),
        Unit(names: ["d", "day", "days"], microseconds: 86_400_000_000, iso: ("D", false)),
        Unit(names: ["h", "hr", "hour", "hours"], microseconds: 3_600_000_000, iso: ("H", true)),
        Unit(names: ["min", "m", "minute", "minutes"], microseconds: 60_000_000, iso: ("M", true)),
        Unit(names: ["s", "sec", "second", "seconds"], microseconds: 1_000_000, iso: ("S", true)),
        Unit(names: ["ms", "msec"], microseconds: 1000),
        Unit(names: ["us", "usec", "\u{b5}s", "\u{3bc}s"], microseconds: 1),
    ]

    /// All names of units that systemd's form knows.
    package static var unitNames: [String] { units.flatMap(\.names) }

    private struct Scanner {
        private let characters: [Character]
        private var position = 0

        init(_ text: String) { characters = Array(text) }

        var next: Character? { position < characters.count ? characters[position] : nil }

        mutating func skipSpaces() {
            while let next, next == " " || next == "\t" { position += 1 }
        }

        mutating func systemd() throws(Malformed) -> Int64 {
            guard next != nil else {
                throw Malformed(offset: 0, description: "the time span is empty; write 30d or 12h")
            }
            var total: Int64 = 0
            while next != nil {
                let start = position
                let number = try number(decimalPoints: ["."])
                skipSpaces()
                let (unit, unitStart) = try systemdUnit(numberAt: start)
                total = try sum(total, number.times(unit.microseconds), at: number.isFraction ? start : unitStart)
                skipSpaces()
            }
            return total
        }

        /// `P[nY][nM][nW][nD][T[nH][nM][nS]]`.
        mutating func iso8601() throws(Malformed) -> Int64 {
            position += 1
            var total: Int64 = 0
            var isTime = false
            var allowed = TimeSpan.units[...]
            var isEmpty = true
            while let character = next {
                if character == "T", !isTime {
                    isTime = true
                    isEmpty = true
                    position += 1
                    continue
                }
                let start = position
                let number = try number(decimalPoints: [".", ","])
                let unit = try isoUnit(in: &allowed, isTime: isTime)
                total = try sum(total, number.times(unit.microseconds), at: start)
                isEmpty = false
                if number.isFraction, next != nil {
                    throw Malformed(
                        offset: position, description: "only the last number of a duration may have a fraction")
                }
            }
            guard !isEmpty else {
                throw Malformed(
                    offset: characters.count,
                    description: "a number is missing after '\(isTime ? "T" : "P")'; write P30D or PT15M")
            }
            return total
        }

        private mutating func systemdUnit(numberAt start: Int) throws(Malformed) -> (Unit, Int) {
            let unitStart = position
            while let next, next.isLetter { position += 1 }
            let name = String(characters[unitStart..<position])
            guard !name.isEmpty else {
                let number = String(characters[start..<unitStart]).filter { $0 != " " && $0 != "\t" }
                if next == nil || next?.isNumber == true {
                    throw Malformed(
                        offset: start,
                        description: "'\(clipped(number))' has no unit; write \(suggestions(for: clipped(number)))")
                }
                throw unexpected()
            }
            if let unit = TimeSpan.units.first(where: { $0.names.contains(name) }) { return (unit, unitStart) }
            let lower = name.lowercased()
            let close = TimeSpan.units.flatMap(\.names).first { $0 == lower }
            throw Malformed(
                offset: unitStart,
                description: "unknown unit '\(clipped(name))'; "
                    + (close.map { "did you mean '\($0)'?" } ?? "use y, month, w, d, h, min, s or ms"))
        }

        private mutating func isoUnit(in allowed: inout ArraySlice<Unit>, isTime: Bool) throws(Malformed) -> Unit {
            guard let letter = next else {
                throw Malformed(offset: position, description: "the duration ends after a number, without its unit")
            }
            guard let index = allowed.firstIndex(where: { $0.iso?.letter == letter && $0.iso?.isTime == isTime }) else {
                throw Malformed(
                    offset: position,
                    description: "'\(letter)' cannot stand here; a duration reads P[nY][nM][nW][nD][T[nH][nM][nS]]")
            }
            position += 1
            let unit = allowed[index]
            allowed = allowed[(index + 1)...]
            return unit
        }

        private mutating func number(decimalPoints: [Character]) throws(Malformed) -> Number {
            let start = position
            var number = Number()
            while let digit = digit() {
                let tens = number.whole.multipliedReportingOverflow(by: 10)
                let sum = tens.partialValue.addingReportingOverflow(digit)
                guard !tens.overflow, !sum.overflow else { throw tooLong(at: start) }
                number.whole = sum.partialValue
            }
            guard position > start else { throw unexpected() }
            if let next, decimalPoints.contains(next) {
                position += 1
                while let digit = digit() { number.fraction.append(digit) }
                guard number.isFraction else {
                    throw Malformed(offset: position, description: "a digit is missing after the decimal point")
                }
            }
            return number
        }

        private mutating func digit() -> Int64? {
            guard let next, next.isASCII, let value = next.wholeNumberValue else { return nil }
            position += 1
            return Int64(value)
        }

        private func sum(_ total: Int64, _ added: Int64?, at offset: Int) throws(Malformed) -> Int64 {
            guard let added else { throw tooLong(at: offset) }
            let sum = total.addingReportingOverflow(added)
            guard !sum.overflow else { throw tooLong(at: offset) }
            return sum.partialValue
        }

        private func tooLong(at offset: Int) -> Malformed {
            Malformed(offset: offset, description: "the time span is too long; the limit is 292,000 years")
        }

        private func unexpected() -> Malformed {
            let form = "write a number and a unit, such as 30d, 12h or 1h 30min"
            switch next {
            case nil: return Malformed(offset: position, description: "a number is missing; \(form)")
            case "-": return Malformed(offset: position, description: "a time span cannot be negative")
            case let character?:
                let word = String(characters[position...].prefix { $0.isLetter })
                if word.lowercased() == "infinity" {
                    return Malformed(
                        offset: position, description: "a time span must end; infinity is not accepted here")
                }
                let found = word.isEmpty ? String(character) : clipped(word)
                return Malformed(offset: position, description: "expected a number, found '\(found)'; \(form)")
            }
        }

        private func suggestions(for number: String) -> String {
            "\(number)s, \(number)min, \(number)h or \(number)d"
        }

        private func clipped(_ text: String) -> String {
            text.count <= 20 ? text : text.prefix(20) + "…"
        }
    }

    private struct Number {
        var whole: Int64 = 0
        /// The digits after the decimal point.
        var fraction: [Int64] = []

        var isFraction: Bool { !fraction.isEmpty }

        /// nil when it does not fit.
        func times(_ unit: Int64) -> Int64? {
            let product = whole.multipliedReportingOverflow(by: unit)
            guard !product.overflow else { return nil }
            var sum = product.partialValue
            var place = unit
            for digit in fraction {
                // Exact while the unit divides by ten; what is lost after that is less than a microsecond a digit.
                place /= 10
                guard place > 0 else { break }
                let added = sum.addingReportingOverflow(digit * place)
                guard !added.overflow else { return nil }
                sum = added.partialValue
            }
            return sum
        }
    }
}
