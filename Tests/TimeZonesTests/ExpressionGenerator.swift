/// Makes up calendar expressions that use the whole grammar.
struct ExpressionGenerator {
    var dice: Dice

    static let zones = [
        "UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Moscow", "Europe/Istanbul",
        "America/New_York",
        "America/Los_Angeles", "America/Sao_Paulo", "America/St_Johns", "America/Caracas", "America/Santiago",
        "America/Havana", "America/Nuuk", "America/Asuncion", "America/Scoresbysund", "Asia/Tokyo", "Asia/Kolkata",
        "Asia/Kathmandu", "Asia/Tehran", "Asia/Beirut", "Asia/Amman", "Asia/Gaza", "Asia/Pyongyang",
        "Australia/Lord_Howe", "Australia/Sydney", "Australia/Adelaide", "Pacific/Apia", "Pacific/Chatham",
        "Pacific/Kiritimati", "Africa/Cairo", "Africa/Casablanca", "Antarctica/Troll", "Atlantic/Azores", "Etc/GMT+5",
        "CET",
    ]

    private static let names = [
        "minutely", "hourly", "daily", "weekly", "monthly", "quarterly", "semiannually", "yearly", "Annually",
        "bi-annually",
    ]
    private static let weekdays = ["Mon", "Tue", "wednesday", "Thu", "FRI", "Saturday", "Sun"]

    mutating func expression(zone: String?) -> String {
        var text: String
        if dice.chance(0.04) {
            text = dice.pick(Self.names)
        } else if dice.chance(0.02) {
            return "@\(dice.number(0...7_000_000_000))"
        } else {
            var parts: [String] = []
            if dice.chance(0.35) { parts.append(weekdayPart()) }
            if dice.chance(0.75) { parts.append(datePart()) }
            if parts.isEmpty || dice.chance(0.8) { parts.append(timePart()) }
            text = parts.joined(separator: " ")
        }
        if let zone { text += " " + zone }
        return text
    }

    private mutating func weekdayPart() -> String {
        (0..<dice.number(1...3)).map { _ in
            let first = dice.number(0...6)
            guard dice.chance(0.5) else { return Self.weekdays[first] }
            return Self.weekdays[first] + dice.pick(["..", "..", "-"]) + Self.weekdays[dice.number(first...6)]
        }.joined(separator: ",")
    }

    private mutating func datePart() -> String {
        let countsFromEnd = dice.chance(0.2)
        let day = field(1...(countsFromEnd ? 28 : 31), any: 0.3, fromEnd: countsFromEnd)
        let separator = countsFromEnd ? "~" : "-"
        let month = field(1...12, any: 0.5)
        guard dice.chance(0.7) else { return month + separator + day }
        let year = dice.chance(0.75) ? "*" : field(1990...2099, any: 0)
        return year + "-" + month + separator + day
    }

    private mutating func timePart() -> String {
        let time = field(0...23, any: 0.25) + ":" + field(0...59, any: 0.15)
        return dice.chance(0.5) ? time : time + ":" + field(0...59, any: 0.05)
    }

    private mutating func field(_ range: ClosedRange<Int>, any: Double, fromEnd: Bool = false) -> String {
        if dice.chance(any) { return "*" }
        return (0..<(dice.chance(0.75) ? 1 : dice.number(2...4))).map { _ in component(range, fromEnd) }
            .joined(separator: ",")
    }

    private mutating func component(_ range: ClosedRange<Int>, _ fromEnd: Bool) -> String {
        let start = dice.number(range)
        let room = fromEnd ? start - range.lowerBound : range.upperBound - start
        switch dice.number(0...9) {
        case ...1 where start < range.upperBound:
            let stop = dice.number(min(start + 1, range.upperBound)...range.upperBound)
            guard stop > start else { return number(start) }
            let text = "\(number(start))..\(number(stop))"
            return dice.chance(0.4) ? text + "/\(dice.number(1...max(1, stop - start)))" : text
        case 2...3 where room > 0:
            return "\(number(start))/\(dice.number(1...room))"
        default:
            return number(start)
        }
    }

    /// With or without a leading zero.
    private mutating func number(_ value: Int) -> String {
        value < 10 && dice.chance(0.5) ? "0\(value)" : "\(value)"
    }

    /// One character changed, left out or put in.
    mutating func mutation(of text: String) -> String {
        var characters = Array(text)
        let place = dice.number(0...max(0, characters.count - 1))
        let other = Character(dice.pick(Array("0123456789*/,-~.: @").map(String.init)))
        switch dice.number(0...2) {
        case 0 where !characters.isEmpty: characters[place] = other
        case 1 where !characters.isEmpty: characters.remove(at: place)
        default: characters.insert(other, at: place)
        }
        return String(characters)
    }
}
