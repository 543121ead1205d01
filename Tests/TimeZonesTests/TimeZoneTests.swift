import Foundation
import Rotation
import Testing

@testable import TimeZones

@Suite struct TimeZoneTests {
    private static let hasZones = FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/Europe/Berlin")

    private static func number(_ value: Int64, _ size: Int) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func block(
        version: Character, size: Int, times: [Int64], indices: [UInt8], types: [(Int64, UInt8, UInt8)], names: String
    ) -> [UInt8] {
        var bytes = Array("TZif\(version)".utf8) + [UInt8](repeating: 0, count: 15)
        for count in [0, 0, 0, times.count, types.count, names.utf8.count] { bytes += number(Int64(count), 4) }
        for time in times { bytes += number(time, size) }
        bytes += indices
        for (offset, isDST, abbreviation) in types { bytes += number(offset, 4) + [isDST, abbreviation] }
        return bytes + Array(names.utf8)
    }

    private static func file(footer: String = "CET-1CEST,M3.5.0,M10.5.0/3") -> [UInt8] {
        block(version: "2", size: 4, times: [], indices: [], types: [(0, 0, 0)], names: "LMT\0")
            + block(
                version: "2", size: 8, times: [1000, 5_000_000_000], indices: [1, 0],
                types: [(3600, 0, 0), (7200, 1, 4)],
                names: "CET\0CEST\0")
            + Array("\n\(footer)\n".utf8)
    }

    @Test func readsTheBlockOf64BitsAndTheFooter() throws {
        var reader = TZifReader(Self.file())
        let zone = try reader.read(name: "Test/Zone")
        #expect(zone.type(at: Instant(unixSeconds: 999)).abbreviation == "CET")
        #expect(zone.type(at: Instant(unixSeconds: 1000)).abbreviation == "CEST")
        #expect(zone.type(at: Instant(unixSeconds: 4_999_999_999)).offset == 7200)
        let summer = try #require(Instant(rfc3339: "2150-07-01T00:00:00Z"))
        #expect(zone.type(at: summer).isDST, "by the footer")
        let winter = try #require(Instant(rfc3339: "2150-12-01T00:00:00Z"))
        #expect(!zone.type(at: winter).isDST)
    }

    @Test func readsVersion1() throws {
        var reader = TZifReader(
            Self.block(version: "\0", size: 4, times: [-5], indices: [0], types: [(-18_000, 0, 0)], names: "EST\0"))
        #expect(try reader.read(name: "Test/Old").type(at: Instant(unixSeconds: 0)).offset == -18_000)
    }

    @Test func whatIsCutShortOrChangedIsAnErrorOrAZone() {
        let whole = Self.file()
        for length in whole.indices {
            var reader = TZifReader(Array(whole[..<length]))
            #expect(throws: TZifReader.Malformed.self) { try reader.read(name: "Test/Cut") }
        }
        var dice = Dice(seed: 99)
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<dice.number(1...4) { bytes[dice.number(0...bytes.count - 1)] = UInt8(dice.number(0...255)) }
            var reader = TZifReader(bytes)
            if let zone = try? reader.read(name: "Test/Changed") {
                for second in [-1, 0, 1001, 6_000_000_000] as [Int64] {
                    _ = zone.type(at: Instant(unixSeconds: second))
                }
            }
        }
    }

    @Test(arguments: [
        "UTC0", "<+0330>-3:30", "EST5EDT,M3.2.0,M11.1.0", "IST-1GMT0,M10.5.0,M3.5.0/1",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
        "AAA3BBB,J60/0,300/167:59:59",
    ])
    func posixZones(_ text: String) {
        #expect(PosixTimeZone.parse(text) != nil)
    }

    @Test(arguments: [
        "", "UT0", "UTC", "UTC25", "CET-1CEST", "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.5.0", "<+03-3", "CET-1,",
    ])
    func noPosixZones(_ text: String) {
        #expect(PosixTimeZone.parse(text) == nil)
    }

    @Test(arguments: ["", "/etc/passwd", "../passwd", "Europe//Berlin", "Europe/Berlin\0", "Europe/../UTC", "a b"])
    func pathsAreNoNames(_ name: String) {
        #expect(throws: TimeZoneDirectory.Unknown.self) { try TimeZoneDirectory().zone(named: name) }
    }

    @Test(.enabled(if: hasZones)) func theMachinesZones() throws {
        let directory = TimeZoneDirectory()
        let berlin = try directory.zone(named: "Europe/Berlin")
        let summer = try #require(Instant(rfc3339: "2026-07-01T00:00:00Z"))
        #expect(berlin.type(at: summer) == TimeZoneRules.LocalTimeType(offset: 7200, isDST: true, abbreviation: "CEST"))
        let error = #expect(throws: TimeZoneDirectory.Unknown.self) { try directory.zone(named: "Europe/Belrin") }
        #expect(error?.description == "there is no time zone 'Europe/Belrin'")
        #expect(throws: TimeZoneDirectory.Unknown.self) { try directory.zone(named: "tzdata.zi") }
        #expect(throws: TimeZoneDirectory.Unknown.self) { try directory.zone(named: "Europe") }
        let names = directory.names()
        #expect(names.isEmpty || names.contains("Europe/Berlin"))
    }

    @Test func withoutALinkTheMachineIsInUTC() {
        #expect(TimeZoneDirectory().local(link: "/no/such/link") == .utc)
    }
}
