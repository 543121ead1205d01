/// Reads the text of a calendar expression.
struct CalendarParser {
    private typealias Malformed = CalendarExpression.Malformed

    private let characters: [Character]
    private var position = 0
    /// Where the expression ends: at a time zone or at the end of the text.
    private var end: Int

    /// More in one field make no sense; a bound keeps hostile texts small.
    private static let mostComponents = 240

    init(_ text: String) {
        characters = Array(text)
        end = characters.count
    }

    mutating func parse(into expression: inout CalendarExpression) throws(CalendarExpression.Malformed) {
        expression.zone = takeZone()
        guard end > 0 else {
            throw Malformed(
                offset: 0, description: "the calendar expression is empty; write 'Mon *-*-* 03:00' or 'weekly'")
        }
        if let named = Self.named[String(characters[..<end]).lowercased()] {
            let zone = expression.zone
            expression = named
            expression.zone = zone
            return
        }
        expression.weekdays = try parseWeekdays()
        if try parseDate(into: &expression) { try parseTime(into: &expression) }
    }

    private var next: Character? { position < end ? characters[position] : nil }

    /// The last word, when it begins with a letter behind a space, is a time zone; no other part of an expression can be
    /// one that stands last.
    private mutating func takeZone() -> CalendarExpression.Zone {
        guard let space = characters.lastIndex(of: " "), space + 1 < characters.count, characters[space + 1].isLetter
        else { return .unspecified }
        let name = String(characters[(space + 1)...])
        end = space
        return name.lowercased() == "utc" ? .utc : .named(name)
    }

    // MARK: Weekdays

    static let weekdayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    /// nil when the expression names none.
    mutating func parseWeekdays() throws(CalendarExpression.Malformed) -> UInt8? {
        var bits: UInt8 = 0
        var rangeStart: Int?
        var isFirst = true
        while true {
            let start = position
            guard let day = try takeWeekday() else {
                if isFirst { return nil }
                throw Malformed(offset: position, description: "a weekday is missing here; write Mon..Fri or Sat,Sun")
            }
            bits |= 1 << day
            if let from = rangeStart {
                guard from <= day else {
                    throw Malformed(
                        offset: start, description: "a range of weekdays cannot go beyond Sunday; write Sat..Sun,Mon")
                }
                for between in from...day { bits |= 1 << between }
            }
            isFirst = false
            switch next {
            case nil: return bits
            case " ":
                skipSpaces()
                return bits
            case ",":
                rangeStart = nil
                position += 1
            default:
                guard rangeStart == nil else { throw unexpected("a list of weekdays is separated by commas") }
                rangeStart = day
                position += next == "-" ? 1 : 2
            }
            // A comma may stand last.
            if next == nil || next == " " {
                guard rangeStart == nil else {
                    throw Malformed(offset: position, description: "the range of weekdays has no end")
                }
                skipSpaces()
                return bits
            }
        }
    }

    private mutating func takeWeekday() throws(CalendarExpression.Malformed) -> Int? {
        guard let first = next, first.isLetter else { return nil }
        let start = position
        var word = ""
        while let character = next, character.isLetter {
            word.append(character)
            position += 1
        }
        let lower = word.lowercased()
        guard
            let day = Self.weekdayNames.firstIndex(where: {
                $0.lowercased() == lower || $0.lowercased().prefix(3) == lower
            })
        else {
            let close = Self.names.first { $0.hasPrefix(lower.prefix(2)) }
            throw Malformed(
                offset: start,
                description: "'\(clipped(word))' is neither a weekday nor a name like daily or weekly"
                    + (close.map { "; did you mean '\($0)'?" } ?? ""))
        }
        switch next {
        case nil, " ", ",", "-": return day
        case "." where position + 1 < end && characters[position + 1] == ".": return day
        default: throw unexpected("after a weekday stands '..', ',' or a space")
        }
    }

    // MARK: Dates and times

    /// False when nothing is to follow: the expression is one instant (`@1234567890`).
    private mutating func parseDate(into expression: inout CalendarExpression) throws(CalendarExpression.Malformed)
        -> Bool
    {
        guard let first = next else { return true }
        if first == "@" {
            try parseInstant(into: &expression)
            return false
        }
        let start = position
        let one = try field(.any)
        if next == nil || next == ":" {
            position = start
            return true
        }
        try dateSeparator(into: &expression)
        let two = try field(.any)
        if next == nil || next == " " {
            skipSpaces()
            (expression.months, expression.days) = (one, two)
            return true
        }
        if expression.countsFromEnd { throw unexpected("'~' stands between month and day only") }
        try dateSeparator(into: &expression)
        let three = try field(.any)
        guard next == nil || next == " " else { throw unexpected("after a date stands a space") }
        skipSpaces()
        (expression.years, expression.months, expression.days) = (one, two, three)
        return true
    }

    private mutating func dateSeparator(into expression: inout CalendarExpression) throws(CalendarExpression.Malformed)
    {
        switch next {
        case "-": break
        case "~": expression.countsFromEnd = true
        default: throw unexpected("a date is written year-month-day, a time hour:minute")
        }
        position += 1
    }

    private mutating func parseInstant(into expression: inout CalendarExpression) throws(CalendarExpression.Malformed) {
        let start = position
        position += 1
        let seconds = try number(limit: Int.max)
        guard next == nil else { throw unexpected("nothing can stand after '@' and a number") }
        let day = seconds / 86_400
        let (year, month, dayOfMonth) = CivilDate.fromDays(Int64(clamping: day))
        let parts = [
            Int(year), Int(month), Int(dayOfMonth), seconds / 3600 % 24, seconds / 60 % 60, seconds % 60,
        ].map { [CalendarComponent(start: $0, offset: start)] }
        (expression.years, expression.months, expression.days) = (parts[0], parts[1], parts[2])
        (expression.hours, expression.minutes, expression.seconds) = (parts[3], parts[4], parts[5])
        expression.zone = .utc
    }

    private mutating func parseTime(into expression: inout CalendarExpression) throws(CalendarExpression.Malformed) {
        let zero = [CalendarComponent(start: 0)]
        guard next != nil else {
            (expression.hours, expression.minutes, expression.seconds) = (zero, zero, zero)
            return
        }
        expression.hours = try field(.any)
        guard next == ":" else { throw unexpected("a time is written hour:minute or hour:minute:second") }
        position += 1
        expression.minutes = try field(.any)
        guard next != nil else {
            expression.seconds = zero
            return
        }
        guard next == ":" else { throw unexpected("a time is written hour:minute or hour:minute:second") }
        position += 1
        expression.seconds = try field(.second)
        guard next == nil else { throw unexpected("a time zone is the only thing that can follow") }
    }

    private enum Field { case any, second }

    /// nil for `*`.
    private mutating func field(_ field: Field) throws(CalendarExpression.Malformed) -> [CalendarComponent]? {
        if next == "*" {
            position += 1
            if next == "/" { throw unexpected("write 0/2 or 1/2 instead of */2") }
            return nil
        }
        var components: [CalendarComponent] = []
        repeat {
            if !components.isEmpty { position += 1 }
            guard components.count <= Self.mostComponents else { throw unexpected("the list is too long") }
            components.append(try component(field))
        } while next == ","
        return components
    }

    private mutating func component(_ field: Field) throws(CalendarExpression.Malformed) -> CalendarComponent {
        var component = CalendarComponent(start: 0, offset: position)
        component.start = try value(field)
        if next == ".", position + 1 < end, characters[position + 1] == "." {
            position += 2
            component.stop = try value(field)
            component.step = 1
        }
        if next == "/" {
            position += 1
            let start = position
            let step = try value(field)
            guard step > 0 else { throw Malformed(offset: start, description: "a repetition of 0 never comes") }
            component.step = step
        } else if field == .second, let stop = component.stop, component.start + 1 > stop {
            throw Malformed(offset: component.offset, description: "the range of seconds is empty")
        }
        switch next {
        case nil, " ", ",", "-", "~", ":": return component
        default: throw unexpected("a number is followed by '..', '/', ',' or the next field")
        }
    }

    private mutating func value(_ field: Field) throws(CalendarExpression.Malformed) -> Int {
        let value = try number(limit: field == .second ? Int(Int32.max) / 1_000_000 : Int(Int32.max))
        if field == .second, next == ".", position + 1 >= end || characters[position + 1] != "." {
            throw Malformed(
                offset: position, description: "fractions of a second are not supported; write whole seconds")
        }
        return value
    }

    mutating func number(limit: Int) throws(CalendarExpression.Malformed) -> Int {
        let start = position
        var value = 0
        while let digit = next?.wholeNumberValue, next?.isASCII == true {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow, product <= limit - digit else {
                throw Malformed(offset: start, description: "the number is too large")
            }
            value = product + digit
            position += 1
        }
        guard position > start else { throw unexpected("a number or '*' is expected") }
        return value
    }

    private mutating func skipSpaces() {
        while next == " " { position += 1 }
    }

    var isAtEnd: Bool { position >= characters.count }

    var isEmpty: Bool { characters.isEmpty }

    /// Takes the text when it stands here.
    mutating func skip(_ text: String) -> Bool {
        guard characters[position...].starts(with: text) else { return false }
        position += text.count
        return true
    }

    /// What is wrong at this place.
    func malformed(_ description: String) -> CalendarExpression.Malformed {
        Malformed(offset: position, description: description)
    }

    private func unexpected(_ rule: String) -> CalendarExpression.Malformed {
        let found = next.map { "unexpected '\($0)'" } ?? "the expression ends too early"
        return Malformed(offset: position, description: "\(found): \(rule)")
    }

    private func clipped(_ text: String) -> String {
        text.count > 24 ? text.prefix(24) + "…" : text
    }

    // MARK: Names

    static let names = [
        "minutely", "hourly", "daily", "weekly", "monthly", "quarterly", "semiannually", "semi-annually", "biannually",
        "bi-annually", "yearly", "annually", "anually",
    ]

    private static let named: [String: CalendarExpression] = Dictionary(
        uniqueKeysWithValues: names.map { ($0, expression(named: $0)) })

    private static func expression(named name: String) -> CalendarExpression {
        func at(_ values: Int...) -> [CalendarComponent] { values.map { CalendarComponent(start: $0) } }
        var expression = CalendarExpression()
        expression.seconds = at(0)
        if name == "minutely" { return expression }
        expression.minutes = at(0)
        if name == "hourly" { return expression }
        expression.hours = at(0)
        switch name {
        case "daily": break
        case "weekly": expression.weekdays = 1
        case "monthly": expression.days = at(1)
        case "quarterly": (expression.months, expression.days) = (at(1, 4, 7, 10), at(1))
        case "yearly", "annually", "anually": (expression.months, expression.days) = (at(1), at(1))
        default: (expression.months, expression.days) = (at(1, 7), at(1))
        }
        return expression
    }
}
