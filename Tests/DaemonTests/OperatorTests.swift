import AcsEmulator
import Daemon
import FoundationEssentials
import Rotation
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct OperatorTests {
    @Test func `rotate tells first, then does, and waits`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let whatIf = try await lab.keyturn("rotate", "contoso-sms", "--what-if")
                #expect(whatIf.status == 0)
                #expect(whatIf.output.contains("would regenerate Secondary"))
                #expect(try await daemon.resource().regenerations == 0)

                let rotate = try await lab.keyturn("rotate", "contoso-sms", "--wait")
                #expect(rotate.status == 0)
                let lines = rotate.output.split(separator: "\n")
                #expect(lines.first == "contoso-sms: regenerating Secondary")
                for step in ["regenerate of Secondary sent", "regenerate answered", "verified: a signed call"] {
                    #expect(lines.contains { $0.contains("Z +") && $0.contains(step) }, "\(step)")
                }
                #expect(lines.last == "contoso-sms: Secondary published as version 2 and delivered")
                #expect(try await daemon.resource().phase == "settled")
                #expect(lab.secret() == (try lab.connectionString(.secondary)))
                let history = try await daemon.client.history("contoso-sms", limit: 100)
                let request = try #require(history.first { $0.event == "rotation-requested" })
                #expect(request.actor.contains("(uid "))
            }
            #expect(try lab.regenerates().count == 1)
        }
    }

    @Test func `rotate is refused while the previous string is promised to work`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual.replacing("overlap: 1s", with: "overlap: 10min"))
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await daemon.rotate()
                let resource = try await daemon.settled(version: 2)
                let until = try #require(resource.previousGoodUntil)
                for arguments in [["--what-if"], []] {
                    let result = try await lab.keyturn(["rotate", "contoso-sms"] + arguments)
                    #expect(result.status == 75)
                    #expect(result.errors.contains("promised to work until 20"), "\(result.errors)")
                }
                // Azure's clock, which has no fractions, moves it a little after the publication.
                let retryAt = try #require(try await daemon.rotate().retryAt)
                #expect(retryAt >= until && retryAt - until < .seconds(3))
            }
            #expect(try lab.regenerates().count == 1)
        }
    }

    @Test func `a number of resources that is none is refused, not taken for all or for none`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                #expect(try await daemon.client.status(first: 1).resources.count == 1)
                #expect(try await daemon.client.status(first: 0).resources.isEmpty)
                await #expect(throws: (any Error).self) { try await daemon.client.status(first: -1) }
            }
        }
    }

    @Test func `names that are none are told`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                for verb in ["rotate", "pause", "resume"] {
                    for name in ["contoso-fax", "contoso/fax", "contoso-sms?", "contoso%2Dsms", ""] {
                        let result = try await lab.keyturn(verb, name)
                        #expect(result.status == 64, "\(verb) '\(name)'")
                        #expect(
                            result.errors == "keyturn: \(name): the running configuration has no such resource\n")
                    }
                }
                #expect(try await lab.keyturn("rotate").status == 64)
                let mixed = try await lab.keyturn("rotate", "contoso-fax", "contoso-sms", "--wait")
                #expect(mixed.status == 64)
                #expect(mixed.output.contains("published as version 2"))
            }
        }
    }

    @Test func `a pause stops rotations, also over a restart, until resume`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.fast.replacing("maxAge: 2h, ", with: ""))
            let turns = try await lab.withDaemon { daemon in
                try await daemon.settled(version: 2)
                #expect(try await lab.keyturn("pause", "contoso-sms").status == 0)
                let paused = try await daemon.wait(for: "paused, at rest") {
                    $0.pausedBy != nil && $0.phase == "settled"
                }
                #expect(paused.next == nil)
                #expect(try await daemon.rotate().reason == "paused")
                return try lab.regenerates().count
            }
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                // A pause does not silence the age, which is past the policy's `maxAge` long after a rotation was due.
                let old = try await daemon.wait(for: "the age is told of") { $0.reason == .keyTooOld }
                #expect(old.next == nil)
                #expect(old.pausedBy != nil, "what weighs more does not hide the pause")
                #expect(try await lab.keyturn("status").output.contains("key-too-old; paused: by "))
                #expect(try lab.regenerates().count == turns)
                #expect(try await lab.keyturn("resume", "contoso-sms").status == 0)
                try await eventually("the next rotation") { (try lab.regenerates().count > turns).asFound }
            }
        }
    }

    @Test func `the history tells what happened, newest last`() async throws {
        try await Lab.with(["contoso-a", "contoso-b"]) { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                for name in lab.names { try await daemon.settled(version: 1, of: name) }
                try await daemon.rotate("contoso-a")
                try await daemon.settled(version: 2, of: "contoso-a")
                let table = try await lab.keyturn("history", "contoso-a")
                #expect(table.status == 0)
                let events = table.output.split(separator: "\n").dropFirst().compactMap { line in
                    line.split(separator: " ").dropFirst(2).first.map(String.init)
                }
                #expect(
                    events == [
                        "adopted", "key-verified", "published", "rotation-requested", "regenerate-sent",
                        "regenerate-answered", "key-confirmed", "key-verified", "published",
                    ])
                let json = try JSON(try await lab.keyturn("history", "--format", "json", "--limit", "3").output)
                #expect(json.elements.count == 3)
                let all = try JSON(try await lab.keyturn("history", "--format", "json").output)
                #expect(Set(all.elements.compactMap { $0["resource"]?.text }) == ["contoso-a", "contoso-b"])
                #expect(try await lab.keyturn("history", "--limit", "0").status == 64)
                let filtered = try await lab.keyturn(
                    "history", "contoso-a", "--kind", "published", "--kind", "adopted", "--since", "yesterday",
                    "--format",
                    "jsonl")
                let lines = try filtered.output.split(separator: "\n").map { try JSON(String($0)) }
                #expect(lines.map { $0["event"]?.text } == ["adopted", "published", "published"])
                let old = try await lab.keyturn("history", "--until", "2026-01-01", "--format", "json")
                #expect(try JSON(old.output).elements.isEmpty)
                let nobody = try await lab.keyturn("history", "--since", "-2h", "--actor", "nobody-at-all")
                #expect(nobody.status == 0 && nobody.output.isEmpty)
                #expect(nobody.errors == "keyturn: nothing like that is on record\n")
                let unknown = try await lab.keyturn("history", "--kind", "publish")
                #expect(unknown.status == 64 && unknown.errors.contains("'publish' is none of adopted, "))
                #expect(try await lab.keyturn("history", "--since", "soon").status == 64)
                let filter = try await lab.keyturn("history", "contoso-a&limit=1", "--format", "json")
                #expect(try JSON(filter.output).elements.isEmpty)
            }
        }
    }
}
