import AcsEmulator
import Daemon
import Rotation
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct UndecidedTests {
    struct Case: CustomTestStringConvertible {
        let faults: [EmulatorFault]
        /// How often a key is to be regenerated in all.
        let regenerates: Int

        var testDescription: String { faults.map { "\($0.name.rawValue) \($0.value ?? 0)" }.joined(separator: ", ") }
    }

    @Test(arguments: [
        Case(faults: [EmulatorFault(.lostReply, operation: .regenerateKey, count: 1)], regenerates: 1),
        Case(faults: [EmulatorFault(.lostRequest, operation: .regenerateKey, count: 1)], regenerates: 1),
        Case(faults: [EmulatorFault(.serverError, 503, operation: .regenerateKey, count: 1)], regenerates: 1),
        Case(faults: [EmulatorFault(.serverErrorAfter, 500, operation: .regenerateKey, count: 1)], regenerates: 1),
        Case(faults: [EmulatorFault(.lateLanding, 400, count: 1)], regenerates: 1),
        // Later than the policy's `settle`: it is sent again, and lands twice.
        Case(faults: [EmulatorFault(.lateLanding, 6000, count: 1)], regenerates: 2),
        Case(faults: [EmulatorFault(.throttled, 1, operation: .regenerateKey, count: 1)], regenerates: 1),
    ])
    func `an undecided regenerate settles, and only the same key type is sent again`(_ example: Case) async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            let primary = try lab.fingerprint(.primary)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try lab.emulator.setFaults(example.faults)
                #expect(try await daemon.rotate().outcome == "accepted")
                try await daemon.settled(version: 2)
                try await eventually("\(example.regenerates) regenerates") {
                    (try lab.regenerates().count >= example.regenerates).asFound
                }
                try await daemon.wait(for: "rest with what Azure shows") { resource in
                    resource.phase == "settled" && resource.health == "ok"
                        && resource.fingerprint?.hex == (try? lab.fingerprint(.secondary))
                }
                #expect(lab.secret() == (try lab.connectionString(.secondary)))
                #expect(
                    try await ReadingConsumer.status(
                        ofCallWith: "\(lab.secretsDirectory)/contoso-sms/connection-string") == 200)
            }
            let turns = try lab.regenerates()
            #expect(turns.count == example.regenerates)
            #expect(turns.allSatisfy { $0.keyType == .secondary && $0.changedKeyType == .secondary })
            #expect(try lab.fingerprint(.primary) == primary)
        }
    }

    @Test func `an undecided regenerate is told of while it lasts`() async throws {
        try await Lab.with { lab in
            try lab.configure(Lab.manual)
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try lab.emulator.setFaults([EmulatorFault(.lostReply, operation: .regenerateKey, count: 1)])
                try await daemon.rotate()
                let resource = try await daemon.wait(for: "uncertain") { $0.phase == "uncertain" }
                #expect(resource.health == "degraded")
                #expect(resource.reason == .unreachable)
                #expect(resource.keyType == .primary)
                #expect(try await daemon.rotate().reason == "under-way")
                try await daemon.settled(version: 2)
                let history = try await daemon.client.history("contoso-sms", limit: 100)
                #expect(history.contains { $0.event == "regenerate-undecided" && $0.reason == "unreachable" })
            }
        }
    }
}
