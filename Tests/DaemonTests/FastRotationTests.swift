import AcsEmulator
import Daemon
import Glibc
import Rotation
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct FastRotationTests {
    private let names = ["contoso-a", "contoso-b", "contoso-c"]

    @Test func `keys of three resources take turns`() async throws {
        try await Lab.with(names) { lab in
            try lab.configure(Lab.fast)
            try await lab.withDaemon { daemon in
                for name in names { try await daemon.settled(version: 4, of: name) }
                let history = try await daemon.client.history(nil, limit: 1000)
                #expect(try await daemon.terminated() == .exited(0))
                for name in names { try expectTurns(of: name, lab, history.filter { $0.resource == name }) }
            }
            #expect(access(lab.socketPath, F_OK) != 0)
        }
    }

    /// Secondary, Primary, Secondary …, each not before the overlap of the publication before has passed.
    private func expectTurns(of name: String, _ lab: Lab, _ history: [HistoryEntry]) throws {
        let turns = try lab.regenerates(of: name)
        #expect(turns.count >= 3)
        for (index, turn) in turns.enumerated() {
            #expect(turn.keyType == (index.isMultiple(of: 2) ? .secondary : .primary))
            #expect(turn.changedKeyType == turn.keyType)
            guard index > 0 else { continue }
            let version = index + 1
            let published = try #require(history.first { $0.event == "published" && $0.version == version })
            #expect(published.fingerprint == turns[index - 1].fingerprintAfter)
            // The emulator's log has whole milliseconds.
            #expect(try turn.at + .milliseconds(1) >= published.at + .seconds(1))
        }
        let published = try #require(lab.secret(of: name))
        #expect(
            [try lab.connectionString(.primary, of: name), try lab.connectionString(.secondary, of: name)].contains(
                published))
    }

    @Test func `the status has every field, null where there is nothing to say`() async throws {
        try await Lab.with(names) { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                for name in names { try await daemon.settled(version: 1, of: name) }
                let result = try await lab.keyturn("status", "--format", "json")
                #expect(result.status == 0)
                let report = try JSON(result.output)
                #expect(report.keys == ["daemon", "summary", "resources"])
                let summary = try #require(report["summary"])
                #expect(summary.keys == ["total", "byHealth", "byReason", "underWay", "next"])
                #expect(summary["total"]?.number == Double(names.count))
                #expect(summary["byHealth"]?["ok"]?.number == Double(names.count))
                let state = try #require(report["daemon"])
                #expect(state.keys == ["version", "pid", "startedAt", "configuration", "discovery"])
                #expect(state["pid"]?.number == Double(daemon.child.pid))
                let configuration = try #require(state["configuration"])
                #expect(configuration.keys == ["path", "loadedAt", "error"])
                #expect(configuration["path"]?.text == lab.configurationPath)
                #expect(configuration["error"] == .null)
                let resources = try #require(report["resources"]).elements
                #expect(resources.map { $0["name"]?.text } == names)
                for resource in resources { try expectFields(resource, lab) }
            }
        }
    }

    private func expectFields(_ resource: JSON, _ lab: Lab) throws {
        #expect(
            resource.keys == [
                "name", "id", "phase", "keyType", "version", "fingerprint", "publishedAt", "previousGoodUntil", "next",
                "health", "reason", "since", "detail", "mode", "pausedBy", "pausedSince", "pausedUntil", "pauseReason",
                "regenerations", "policy", "tooOldAt", "undelivered", "details",
            ])
        let name = try #require(resource["name"]?.text)
        #expect(resource["id"]?.text == (try Lab.id(name).description))
        #expect(resource["phase"]?.text == "settled")
        #expect(resource["keyType"]?.text == "Primary")
        #expect(resource["version"]?.number == 1)
        #expect(resource["fingerprint"]?.text == (try lab.fingerprint(.primary, of: name)))
        #expect(resource["publishedAt"]?.text.flatMap { Instant(rfc3339: $0) } != nil)
        #expect(resource["since"]?.text.flatMap { Instant(rfc3339: $0) } != nil)
        #expect(resource["health"]?.text == "ok")
        #expect(resource["mode"]?.text == "manual")
        #expect(resource["regenerations"]?.number == 0)
        for field in ["previousGoodUntil", "next", "reason", "detail"] { #expect(resource[field] == .null) }
    }

    @Test func `the next rotation is the other key type's`() async throws {
        try await Lab.with { lab in
            try lab.configure("{every: 1h, overlap: 1s, settle: 1s, verify: off}")
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let result = try await lab.keyturn("status", "contoso-sms", "--format", "json")
                let resource = try #require(try JSON(result.output)["resources"]?.elements.first)
                let next = try #require(resource["next"])
                #expect(next.keys == ["at", "keyType"])
                #expect(next["keyType"]?.text == "Secondary")
                let published = try #require(resource["publishedAt"]?.text.flatMap { Instant(rfc3339: $0) })
                let at = try #require(next["at"]?.text.flatMap { Instant(rfc3339: $0) })
                #expect(at - published == .seconds(3600))
                let table = try await lab.keyturn("status")
                #expect(table.output.contains("contoso-sms  ok"))
                #expect(table.output.contains("Secondary in "))
                let unknown = try await lab.keyturn("status", "contoso-fax")
                #expect(unknown.status == 64)
                #expect(unknown.errors.contains("no resource 'contoso-fax'"))
            }
            let silent = try await lab.keyturn("status")
            #expect(silent.status == 69)
            #expect(silent.errors.contains(lab.socketPath))
        }
    }
}
