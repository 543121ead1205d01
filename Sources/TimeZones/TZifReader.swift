import Rotation

/// Reads a time zone from a TZif file (RFC 9636), versions 1 to 4.
///
/// Leap seconds are skipped: POSIX time does not count them. Transitions before 1900 are of no use here and kept anyway.
struct TZifReader {
    /// Why bytes are no TZif file; a phrase without a capital or a full stop.
    struct Malformed: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    private struct Header {
        var version: UInt8
        var utIndicators: Int
        var standardIndicators: Int
        var leapSeconds: Int
        var transitions: Int
        var types: Int
        var characters: Int

        func dataLength(timeSize: Int) -> Int {
            transitions * (timeSize + 1) + types * 6 + characters + leapSeconds * (timeSize + 4)
                + standardIndicators + utIndicators
        }
    }

    private static let magic: [UInt8] = Array("TZif".utf8)
    private static let headerLength = 44
    /// More than any zone has; keeps a forged header from asking for memory.
    private static let mostTransitions = 100_000

    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func read(name: String) throws(Malformed) -> TimeZoneRules {
        let first = try header()
        guard first.version >= 0x32 else { return try data(first, timeSize: 4, name: name, hasFooter: false) }
        // The first block is for readers that know 32 bits only.
        try skip(first.dataLength(timeSize: 4))
        return try data(try header(), timeSize: 8, name: name, hasFooter: true)
    }

    private mutating func header() throws(Malformed) -> Header {
        let magic = try take(Self.magic.count)
        guard Array(magic) == Self.magic else { throw Malformed(description: "it is no time zone file (TZif)") }
        let version = try take(1).first ?? 0
        try skip(15)
        var counts: [Int] = []
        for _ in 0..<6 { counts.append(Int(try integer(4))) }
        guard counts.allSatisfy({ (0...Self.mostTransitions).contains($0) }) else {
            throw Malformed(description: "its header has impossible counts")
        }
        let header = Header(
            version: version, utIndicators: counts[0], standardIndicators: counts[1], leapSeconds: counts[2],
            transitions: counts[3], types: counts[4], characters: counts[5])
        guard header.types > 0, header.types <= 256 else { throw Malformed(description: "it has no local time types") }
        return header
    }

    private mutating func data(
        _ header: Header, timeSize: Int, name: String, hasFooter: Bool
    ) throws(Malformed) -> TimeZoneRules {
        var times: [Int64] = []
        times.reserveCapacity(header.transitions)
        for _ in 0..<header.transitions { times.append(try integer(timeSize)) }
        let indices = Array(try take(header.transitions))
        var types: [(offset: Int, isDST: Bool, abbreviation: Int)] = []
        for _ in 0..<header.types {
            let offset = Int(try integer(4))
            guard (-93_599...93_599).contains(offset) else { throw Malformed(description: "an offset is out of range") }
            let rest = Array(try take(2))
            types.append((offset, rest[0] != 0, Int(rest[1])))
        }
        let characters = Array(try take(header.characters))
        try skip(header.leapSeconds * (timeSize + 4) + header.standardIndicators + header.utIndicators)
        var localTypes: [TimeZoneRules.LocalTimeType] = []
        for type in types {
            guard type.abbreviation < characters.count else {
                throw Malformed(description: "an abbreviation is not in the file")
            }
            let text = characters[type.abbreviation...].prefix { $0 != 0 }
            localTypes.append(
                TimeZoneRules.LocalTimeType(
                    offset: type.offset, isDST: type.isDST, abbreviation: String(decoding: text, as: UTF8.self)))
        }
        var transitions: [(at: Int64, type: TimeZoneRules.LocalTimeType)] = []
        for (time, index) in zip(times, indices) {
            guard Int(index) < localTypes.count else { throw Malformed(description: "a transition has no type") }
            guard transitions.last.map({ $0.at < time }) ?? true else {
                throw Malformed(description: "its transitions are not in order")
            }
            transitions.append((time, localTypes[Int(index)]))
        }
        return TimeZoneRules(
            name: name, transitions: transitions, first: localTypes[0], rule: hasFooter ? try footer() : nil)
    }

    /// What is after the last transition; nil when the footer says nothing.
    private mutating func footer() throws(Malformed) -> RecurringTimeChange? {
        guard try take(1).first == UInt8(ascii: "\n") else { throw Malformed(description: "its footer is missing") }
        let text = bytes[position...].prefix { $0 != UInt8(ascii: "\n") }
        guard position + text.count < bytes.count else { throw Malformed(description: "its footer has no end") }
        guard !text.isEmpty else { return nil }
        guard let rule = PosixTimeZone.parse(String(decoding: text, as: UTF8.self)) else {
            throw Malformed(description: "its footer is no POSIX time zone")
        }
        return rule
    }

    private mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else { throw Malformed(description: "it ends too early") }
        defer { position += count }
        return bytes[position..<position + count]
    }

    private mutating func skip(_ count: Int) throws(Malformed) {
        _ = try take(count)
    }

    /// A signed number, the highest byte first.
    private mutating func integer(_ size: Int) throws(Malformed) -> Int64 {
        let value = try take(size).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }
}
