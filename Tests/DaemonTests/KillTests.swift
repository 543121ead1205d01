import AcsEmulator
import Daemon
import Rotation
import Testing

@Suite(.serialized, .timeLimit(.minutes(15))) struct KillTests {
    private static let kills = 10

    @Test func `a consumer is never refused, however often the daemon is killed`() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        try await Lab.with { lab in
            try lab.configure(Lab.fast)
            // Steps that take a while are hit more often.
            try lab.emulator.setFaults([
                EmulatorFault(.latency, 150, operation: .regenerateKey),
                EmulatorFault(.latency, 20, operation: .listKeys),
            ])
            let consumer = ReadingConsumer(path: "\(lab.secretsDirectory)/contoso-sms/connection-string")
            try await lab.withDaemon { daemon in
                try await daemon.settled(version: 1)
                try await daemon.killed()
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await consumer.consume() }
                group.addTask { await Self.insist(lab.client) }
                try await kill(seed, lab)
                group.cancelAll()
            }
            let complaints = await consumer.complaints
            #expect(complaints.isEmpty, "seed \(seed): \(complaints.prefix(5))")
            #expect(await consumer.calls > 50)
            try expectOverlap(await consumer.sightings, lab, seed)
        }
    }

    /// An operator who wants a rotation at every instant: only the overlap holds it up.
    private static func insist(_ client: ControlClient) async {
        while !Task.isCancelled {
            _ = try? await client.command("rotate", resource: "contoso-sms", ControlAPI.Command(actor: "the test"))
            try? await Task.sleep(for: .milliseconds(30))
        }
    }

    /// Kills at random instants and, every other time, as soon as a regenerate is on its way or was answered; then lets
    /// the daemon come to rest.
    private func kill(_ seed: UInt64, _ lab: Lab) async throws {
        var random = SeededGenerator(seed: seed)
        for round in 0..<Self.kills {
            let wait = Duration.milliseconds(Int.random(in: 0...1200, using: &random))
            let extra = Duration.milliseconds(Int.random(in: 0...250, using: &random))
            try await lab.withDaemon { daemon in
                if round.isMultiple(of: 2) {
                    try await daemon.isReady()
                    try await Task.sleep(for: wait)
                } else {
                    try await eventually("a regenerate in round \(round), seed \(seed)", every: .milliseconds(2)) {
                        daemon.log.contains(" regenerating ").asFound
                    }
                    try await Task.sleep(for: extra)
                }
                try await daemon.killed()
            }
        }
        let turns = try lab.regenerates().count
        try await lab.withDaemon { daemon in
            try await eventually("two more rotations, seed \(seed)") {
                (try lab.regenerates().count >= turns + 2).asFound
            }
            let resource = try await daemon.resource()
            #expect(resource.health != "held", "seed \(seed): \(resource)")
            #expect(try await daemon.terminated() == .exited(0))
        }
    }

    /// What was read from the file goes on working for the overlap at least: so no key was regenerated while it was
    /// published, and none too soon after.
    private func expectOverlap(_ sightings: [ReadingConsumer.Sighting], _ lab: Lab, _ seed: UInt64) throws {
        let turns = try lab.regenerates()
        #expect(turns.count >= Self.kills / 2)
        #expect(Set(sightings.map(\.fingerprint)).count >= 4, "seed \(seed)")
        for turn in turns {
            guard let last = sightings.last(where: { $0.fingerprint == turn.fingerprintBefore }) else { continue }
            // The emulator's log has whole milliseconds.
            #expect(
                try turn.at + .milliseconds(1) >= last.at + .seconds(1),
                "seed \(seed): regenerated at \(turn.time), published at \(last.at)"
            )
        }
        // An undecided one may run a second time, but then it is of the same key type until it is published.
        #expect(turns.allSatisfy { $0.changedKeyType == $0.keyType })
    }
}
