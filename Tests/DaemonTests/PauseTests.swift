import AcsEmulator
import Daemon
import Glibc
import Rotation
import Testing

@testable import Daemon

@Suite(.serialized, .timeLimit(.minutes(15))) struct PauseTests {
    @Test func `a pause says everywhere who, until when and why, and ends by itself`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.fast)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let pause = try await lab.keyturn(
                    "pause", "--all", "--until", "1h", "--reason", "INC-4711, \u{1b}[31mdb\n")
                #expect(pause.status == 0)
                #expect(pause.output.hasPrefix("contoso-sms: paused until 2"))
                let paused = try await daemon.wait(for: "paused") { $0.health == "paused" && $0.phase == "settled" }
                let until = try #require(paused.pausedUntil)
                #expect(until > SystemClock().now + .seconds(3000))
                #expect(paused.pauseReason == "INC-4711, [31mdb", "what drives a terminal is gone")
                #expect(paused.pausedBy?.hasSuffix("(uid \(getuid()))") == true)
                #expect(paused.pausedSince != nil)
                #expect(paused.next?.at ?? .distantPast >= until)
                let detail = try await lab.keyturn("status", "contoso-sms")
                #expect(detail.output.contains(", until \(until) (in ") && detail.output.contains("INC-4711"))
                #expect(try await lab.keyturn("status").output.contains("INC-4711"))
                let history = try await lab.keyturn("history", "-k", "paused")
                #expect(history.output.contains("until \(until): INC-4711"))
                #expect(daemon.log.contains("INC-4711"))
                let plan = try await lab.keyturn("plan", "--format", "json", "--count", "1")
                let first = try #require(try JSON(plan.output)["rotations"]?.elements.first?["at"]?.text)
                #expect(Instant(rfc3339: first) ?? .distantPast >= until, "the plan goes on after the pause")
                #expect(try await lab.keyturn("pause", "contoso-sms", "--until", "-2h").status == 64)
                #expect(try await lab.keyturn("pause", "contoso-sms", "--until", "soon").status == 64)

                // The last word counts.
                let turns = try lab.regenerates().count
                #expect(try await lab.keyturn("pause", "contoso-sms", "--until", "5s").status == 0)
                try await eventually("it rotates again") { (try lab.regenerates().count > turns).asFound }
                let end = try #require(
                    try await daemon.client.history("contoso-sms", limit: 200).last { $0.event == "resumed" })
                #expect(end.actor == "keyturn")
                let resource = try await daemon.resource()
                #expect(resource.pausedBy == nil && resource.pausedUntil == nil && resource.pauseReason == nil)
            }
        }
    }

    @Test func `a resume says what was found`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                #expect(try await lab.keyturn("pause", "contoso-sms").status == 0)
                #expect(try await lab.keyturn("resume", "contoso-sms", "--reason", "all is well").status == 0)
                let history = try await lab.keyturn("history", "--kind", "resumed", "--format", "jsonl")
                #expect(try JSON(history.output)["detail"]?.text == "all is well")
            }
        }
    }

    @Test func `what the control socket is sent is checked`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                func send(_ verb: String, _ command: ControlAPI.Command) async throws -> ControlAPI.Answer {
                    try await daemon.client.command(verb, resource: "contoso-sms", command)
                }
                let past = ControlAPI.Command(until: SystemClock().now - .seconds(5))
                #expect(try await send("pause", past).outcome == "invalid")
                let long = ControlAPI.Command(reason: String(repeating: "x", count: 501))
                for verb in ["pause", "resume", "rotate"] { #expect(try await send(verb, long).outcome == "invalid") }
                #expect(try await send("rotate", ControlAPI.Command(compromised: " \n")).outcome == "invalid")
                #expect(
                    try await send("rotate", ControlAPI.Command(until: SystemClock().now + .seconds(9999))).outcome
                        == "invalid")
                #expect(try await daemon.resource().pausedBy == nil)
                #expect(try lab.regenerates().isEmpty)
            }
        }
    }

    @Test func `only root is believed whom it acts for`() {
        #expect(ControlPeer(uid: 0, name: "root").actor(claimed: nil) == "root (uid 0)")
        #expect(ControlPeer(uid: 0, name: "root").actor(claimed: "alice by sudo") == "alice by sudo (uid 0)")
        #expect(ControlPeer(uid: 0, name: "root").actor(claimed: " \n") == "root (uid 0)")
        #expect(ControlPeer(uid: 1000, name: "alice").actor(claimed: "root") == "alice (uid 1000)")
        #expect(ControlPeer(uid: 4_000_000, name: nil).actor(claimed: "root") == "uid 4000000")
        #expect(ControlPeer.name(of: 0) == "root")
        #expect(ControlPeer.name(of: 4_000_000_000) == nil)
    }
}
