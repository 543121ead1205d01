import Foundation
import Rotation
import Testing

/// Random stories, each from a seed. `KEYTURN_WALK_SEED=n` replays one and prints all of it.
@Suite struct WalkTests {
    private static let seedsEach: UInt64 = 200

    @Test(arguments: 0..<UInt64(8)) func walk(_ part: UInt64) throws {
        if let text = ProcessInfo.processInfo.environment["KEYTURN_WALK_SEED"], let seed = UInt64(text) {
            if part == 0 { Self.replay(seed, lines: .max) }
            return
        }
        for seed in part * Self.seedsEach..<(part + 1) * Self.seedsEach {
            var world = Self.world(seed)
            do {
                try Self.story(&world)
            } catch {
                Self.replay(seed, lines: 60)
                return
            }
        }
    }

    /// Tells the story again, noting each step.
    private static func replay(_ seed: UInt64, lines: Int) {
        var world = world(seed)
        let trace = Trace()
        world.trace = trace
        do {
            try story(&world)
            print(trace.lines.joined(separator: "\n"))
        } catch {
            let story = trace.lines.suffix(lines).joined(separator: "\n")
            Issue.record("seed \(seed): \(error)\nthe end of the story:\n\(story)")
        }
    }

    private static func world(_ seed: UInt64) -> World {
        var random = SplitMix64(seed: seed &* 7919 &+ 17)
        var policy = Policy(
            every: random.seconds(7200...80_000), overlap: random.seconds(1800...8000),
            jitter: random.seconds(0...2000), settle: random.seconds(60...240), retire: random.chance(0.3),
            driftCheck: random.seconds(900...3600))
        if random.chance(0.2) { policy.verification = nil }
        if random.chance(0.15) { policy.mode = .manual }
        let settings = RotationSettings(name: "contoso-\(seed)", policy: policy, consumers: ["a", "b"])
        var world = World(seed: seed, settings: settings)
        world.alwaysVerified = policy.verification != nil
        world.faultRate = random.chance(0.2) ? 0.3 : 0.08
        if random.chance(0.5) {
            let keyType: KeyType = random.chance(0.5) ? .primary : .secondary
            world.files = SecretsView(
                fingerprint: random.chance(0.8) ? world.azure.keys[keyType] : fingerprint(0xbeef), keyType: keyType,
                version: 7, publishedAt: world.time - .hours(1), previousGoodUntil: nil, intact: true)
            world.lastPublished = world.files?.fingerprint
        }
        return world
    }

    private static func story(_ world: inout World) throws {
        try world.feed(.started)
        for _ in 0..<120 {
            if world.random.chance(0.12) { try world.disturb() }
            try world.tick()
        }
        try calm(&world)
        try expectTurns(&world)
    }

    /// The faults stop: everything must settle, on a key that works, held or not.
    private static func calm(_ world: inout World) throws {
        world.log("the faults stop")
        world.faultRate = 0
        for _ in 0..<100 where world.machine.awaited != nil { try world.tick() }
        world.clockError = .zero
        world.azure.acceptEverything()
        world.pass(.hours(1))
        let end = world.time + .hours(12)
        try world.feed(.woke)
        for _ in 0..<600 where world.time < end {
            guard try world.tick() else { break }
            if world.isWell { break }
        }
        // A trouble that waits for its turn does not matter here, the files do.
        try world.require(world.isWell || world.record.phase == .settled, "not settled when the faults stopped")
        guard let current = world.record.current else { throw world.violation("nothing is published") }
        try world.require(world.files?.fingerprint == current.fingerprint, "the files are not what is on record")
        try world.require(world.azure.keys[current.keyType] == current.fingerprint, "a dead key is published")
        try world.require(world.isWell, "still in trouble when the faults stopped")
    }

    /// Resumed and left alone, the key turns in time, and nothing is held again.
    private static func expectTurns(_ world: inout World) throws {
        var settings = world.machine.settings
        settings.policy.mode = .auto
        settings.policy.every = .hours(3)
        settings.policy.overlap = .minutes(30)
        settings.policy.driftCheck = .hours(1)
        settings.policy.jitter = .zero
        settings.policy.maxAge = nil
        try world.feed(.resumeRequested(actor: "ada"))
        try world.feed(.reconfigured(settings))
        let end = world.time + .hours(8)
        for _ in 0..<1000 where world.time < end { try world.tick() }
        try world.require(world.time >= end, "eight hours take more than 1000 steps")
        try world.require(world.record.hold == nil, "held although nothing is wrong")
        guard let current = world.record.current else { throw world.violation("nothing is published") }
        try world.require(world.time - current.publishedAt < .hours(6), "the key does not turn any more")
        try world.require(world.azure.lives(current.fingerprint), "a dead key is published")
    }
}
