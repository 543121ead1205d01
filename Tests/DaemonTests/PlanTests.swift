import Daemon
import FoundationEssentials
import Rotation
import Testing

/// `keyturn plan`, with a daemon, with its ledger and with nothing.
@Suite(.serialized, .timeLimit(.minutes(15))) struct PlanTests {
    private struct Plan: Decodable {
        struct Rotation: Decodable {
            var at: Instant
            var local: String
            var resource: String
            var keyType: KeyType
            var reason: String
        }

        struct Calls: Decodable {
            var subscription: String
            var hour: Instant
            var rotations: Int
            var driftChecks: Int
            var limit: Int
        }

        var from: Instant
        var until: Instant
        var rotations: [Rotation]
        var budget: [Calls]
    }

    private func plan(_ lab: Lab, _ arguments: String...) async throws -> Plan {
        let result = try await lab.keyturn(["plan", "--format", "json"] + arguments)
        #expect(result.status == 0, "\(result.errors)")
        return try JSONText.decode(Plan.self, from: result.output.utf8)
    }

    private static let nightly = """
        {every: 30d, overlap: 1d, timezone: Europe/Berlin, windows: ["Mon..Thu 02:00..05:00"], \
        freeze: [{from: 12-20, to: 01-04, reason: holidays}], verify: {probes: 1}}
        """

    @Test func `the plan is what the daemon says, and goes on when it has ended`() async throws {
        try await Lab.with { lab in
            try lab.configure(Self.nightly)
            var next: Instant?
            try await lab.withDaemon { daemon in
                let resource = try await daemon.settled(version: 1)
                next = resource.next?.at
                let plan = try await self.plan(lab, "--days", "60")
                #expect(plan.rotations.first?.at == next)
                #expect(plan.rotations.first?.resource == "contoso-sms")
                #expect(plan.rotations.first?.keyType == .secondary)
                let reason = try #require(plan.rotations.first?.reason)
                #expect(["every", "window opens", "freeze ends"].contains(reason))
            }
            let plan = try await self.plan(lab, "--count", "3")
            #expect(plan.rotations.map(\.keyType) == [.secondary, .primary, .secondary])
            #expect(plan.rotations.first?.at == next, "from the ledger")
            for rotation in plan.rotations {
                let words = rotation.local.split(separator: " ")
                #expect(["Mon", "Tue", "Wed", "Thu"].contains(words[0]))
                #expect(words[2] >= "02:00:00" && words[2] < "05:00:00" && ["CET", "CEST"].contains(words[3]))
            }
            #expect(plan.budget.allSatisfy { $0.rotations + $0.driftChecks <= $0.limit && $0.rotations == 5 })
        }
    }

    @Test func `without anything on record every key counts as published now`() async throws {
        try await Lab.with { lab in
            try lab.configure("{calendar: \"*-*-01 03:00\", overlap: 1d}")
            let plan = try await self.plan(lab, "--from", "2027-01-15", "--days", "60")
            #expect(plan.from == Instant(rfc3339: "2027-01-15T00:00:00Z"))
            #expect(plan.rotations.map(\.at.description) == ["2027-02-01T03:00:00Z", "2027-03-01T03:00:00Z"])
            #expect(plan.rotations.allSatisfy { $0.reason == "calendar" })
            let table = try await lab.keyturn("plan", "--from", "2027-01-15")
            #expect(table.errors.contains("nothing is on record yet"))
            #expect(table.output.contains("Mon 2027-02-01 03:00:00 UTC  2027-02-01T03:00:00Z"))
            #expect(table.output.contains("P Primary, S Secondary"))
        }
    }

    @Test func `calendars are answered for alone, and wrong ones pointed at`() async throws {
        try await Lab.with { lab in
            let answer = try await lab.keyturn(
                "plan", "--calendar", "2027-*-01 03:00", "--timezone", "Europe/Berlin", "--from", "2027-10-15",
                "--count", "4", "--format", "json")
            #expect(
                answer.output.filter { !$0.isWhitespace }
                    == #"{"next":["2027-11-01T02:00:00Z","2027-12-01T02:00:00Z",null,null],"normalized":"2027-*-0103:00:00"}"#
            )
            let wrong = try await lab.keyturn("plan", "--calendar", "Mon 25:00")
            #expect(wrong.status == 64)
            #expect(wrong.errors.contains("  Mon 25:00\n      ^"), "\(wrong.errors)")
            let nowhere = try await lab.keyturn("plan", "--calendar", "daily", "--timezone", "Europe/Berlim")
            #expect(
                nowhere.status == 64
                    && nowhere.errors.contains("there is no time zone 'Europe/Berlim'; did you mean Europe/Berlin"))
        }
    }

    @Test func `a diff shows what an edit would change`() async throws {
        try await Lab.with { lab in
            try lab.configure("{every: 30d, overlap: 1d}")
            let other = lab.configurationPath + ".new"
            let text = try #require(lab.text(of: lab.configurationPath))
            try lab.write(text.replacing("every: 30d", with: "every: 20d"), to: other)
            let from = ["plan", "--from", "2027-01-01T00:00:00Z", "--days", "35"]
            let diff = try await lab.keyturn(from + ["--diff", other])
            #expect(diff.status == 0)
            #expect(diff.output.contains("2027-01-31T00:00:00Z"), "\(diff.output)")
            #expect(diff.output.contains("2027-01-21T00:00:00Z"))
            let same = try await lab.keyturn(from + ["--diff", lab.configurationPath])
            #expect(same.output.hasPrefix("No planned rotation changes"))
            try lab.write("policies: {only: {every: 30}}\n", to: other)
            let refused = try await lab.keyturn(from + ["--diff", other])
            #expect(refused.status == 78 && refused.errors.contains(".new:1:26: error: every: '30' has no unit"))
        }
    }

    @Test func `iCalendar lines are folded and end as they should`() async throws {
        try await Lab.with { lab in
            try lab.configure("{every: 30d, overlap: 1d}")
            let text = try await lab.keyturn("plan", "--from", "2027-01-01", "--days", "70", "--format", "ics").output
            #expect(text.hasPrefix("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && text.hasSuffix("END:VCALENDAR\r\n"))
            #expect(text.ranges(of: "BEGIN:VEVENT").count == 2)
            #expect(text.contains("DTSTART:20270131T000000Z\r\n"))
            for line in text.split(separator: "\r\n") { #expect(line.utf8.count <= 75) }
        }
    }

    @Test(arguments: [
        ["--days", "0"], ["--count", "0"], ["--from", "yesterday"], ["--timezone", "UTC"],
        ["--format", "ics", "--diff", "x"],
        ["--calendar", "daily", "--days", "3"],
    ])
    func `options that make no sense are refused`(_ arguments: [String]) async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            #expect(try await lab.keyturn(["plan"] + arguments).status == 64)
        }
    }
}
