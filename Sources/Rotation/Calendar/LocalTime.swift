/// What a clock on the wall shows in some time zone. Fields may be beyond their range until they are normalised.
struct LocalTime: Hashable {
    var year: Int
    /// 1 is January.
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    /// Whether daylight saving time is on; nil: whichever fits.
    var isDST: Bool?

    /// The seconds since 1970 when the fields are taken for UTC.
    var secondsAsUTC: Int64 {
        let months = year * 12 + month - 1
        let (quotient, remainder) = months.quotientAndRemainder(dividingBy: 12)
        let (year, month) = remainder < 0 ? (quotient - 1, remainder + 13) : (quotient, remainder + 1)
        let days = CivilDate.days(year: Int64(year), month: Int64(month), day: 1) + Int64(day) - 1
        return days * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    }

    /// The fields of that UTC time.
    init(secondsAsUTC seconds: Int64, isDST: Bool?) {
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let (year, month, dayOfMonth) = CivilDate.fromDays(day)
        let rest = Int(seconds - day * 86_400)
        self.year = Int(year)
        self.month = Int(month)
        self.day = Int(dayOfMonth)
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
        self.isDST = isDST
    }

    /// 0 is Monday.
    static func weekday(secondsAsUTC seconds: Int64) -> Int {
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        // 1970-01-01 was a Thursday.
        return Int(((day + 3) % 7 + 7) % 7)
    }

    enum Move { case same, earlier, later }

    /// Where normalising moved a local time to. Below the field that changed the search begins anew, or it would miss what
    /// lies between: the 33rd of March is the 2nd of April, and the 1st may be wanted.
    mutating func moved(from wanted: LocalTime) -> Move {
        let change: (Int, Int)
        if year != wanted.year {
            change = (year, wanted.year)
            month = 1
        } else if month != wanted.month {
            change = (month, wanted.month)
            day = 1
        } else if day != wanted.day {
            change = (day, wanted.day)
            hour = 0
        } else if hour != wanted.hour {
            change = (hour, wanted.hour)
            minute = 0
        } else if minute != wanted.minute {
            change = (minute, wanted.minute)
            second = 0
        } else {
            change = (second, wanted.second)
        }
        return change.0 == change.1 ? .same : change.0 < change.1 ? .earlier : .later
    }
}
