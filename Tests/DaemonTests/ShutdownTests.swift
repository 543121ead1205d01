import AcsEmulator
import Daemon
import Glibc
import Rotation
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct ShutdownTests {
    @Test func `a regenerate on its way is awaited, recorded and not repeated`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try lab.emulator.setFaults([EmulatorFault(.latency, 6000, operation: .regenerateKey)])
                #expect(try await daemon.rotate().outcome == "accepted")
                try await daemon.wait(for: "a regenerate on its way") { $0.phase == "regenerating" }
                #expect(try lab.regenerates().isEmpty)
                #expect(try await daemon.terminated() == .exited(0))
            }
            let turns = try lab.regenerates()
            #expect(turns.map(\.keyType) == [.secondary])
            #expect(turns.first?.status == 200)
            try lab.emulator.setFaults([])
            try await lab.withDaemon { daemon in
                let resource = try await daemon.settled(version: 2)
                #expect(resource.keyType == .secondary)
                #expect(resource.health == "ok")
                let events = try await daemon.client.history("contoso-sms", limit: 100).map(\.event)
                #expect(events.contains("regenerate-answered"))
                #expect(!events.contains("regenerate-undecided"))
            }
            #expect(try lab.regenerates().count == 1)
            #expect(lab.secret() == (try lab.connectionString(.secondary)))
        }
    }

    @Test func `whoever sends half a request to the control socket does not hold up the end`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                let silent = try TakenPort.connect(toSocket: lab.socketPath)
                defer { close(silent) }
                let half = Array("POST /v1/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n".utf8)
                #expect(send(silent, half, half.count, Int32(MSG_NOSIGNAL)) == half.count)
                let start = ContinuousClock.now
                #expect(try await daemon.terminated() == .exited(0))
                // A hundred seconds are what the whole end may take.
                #expect(ContinuousClock.now - start < .seconds(60))
            }
        }
    }

    @Test func `a regenerate whose daemon was killed is decided by listKeys, not repeated`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try lab.emulator.setFaults([EmulatorFault(.latency, 600, operation: .regenerateKey)])
                try await daemon.rotate()
                try await daemon.wait(for: "a regenerate on its way") { $0.phase == "regenerating" }
                try await daemon.killed()
            }
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 2)
                let events = try await daemon.client.history("contoso-sms", limit: 100).map(\.event)
                #expect(events.contains("regenerate-undecided"))
            }
            #expect(try lab.regenerates().map(\.keyType) == [.secondary])
            #expect(lab.secret() == (try lab.connectionString(.secondary)))
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `an idle daemon ends at once`(signal: Int32) async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.isReady()
                daemon.child.signal(signal)
                #expect(try await daemon.child.waited() == .exited(0))
                #expect(daemon.log.contains(" stopping\n"))
            }
        }
    }

    @Test func `SIGTERM ends a daemon that cannot reach Azure`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try lab.emulator.setFaults([EmulatorFault(.latency, 60_000, operation: .listKeys)])
            try await lab.withDaemon { daemon in
                try await eventually("an answer on the control socket") { try? await daemon.status() }
                #expect(try await daemon.terminated() == .exited(0))
            }
            try lab.emulator.setFaults([])
            #expect(lab.secret() == nil)
        }
    }
}
