import Rotation
import Testing

/// A whole rotation, with the process killed after each event in turn.
@Suite struct RestartTests {
    private static func world(retire: Bool) -> World {
        let settings = RotationSettings.sample(consumers: ["a", "b"]) { policy in
            policy.every = .hours(3)
            policy.overlap = .minutes(50)
            policy.retire = retire
        }
        var world = World(seed: 1, settings: settings)
        world.files = .published(1, .primary, version: 3, at: world.time)
        world.lastPublished = fingerprint(1)
        return world
    }

    /// Runs for eight hours and returns how many events that took.
    private static func run(_ world: inout World) throws -> Int {
        let end = world.time + .hours(8)
        try world.feed(.started)
        for _ in 0..<2000 where world.time < end { try world.tick() }
        for _ in 0..<200 where !world.isWell { try world.tick() }
        try world.require(world.time >= end && world.isWell, "it does not come to rest")
        return world.events
    }

    @Test(arguments: [false, true]) func undisturbedItTurnsInTime(retire: Bool) throws {
        var world = Self.world(retire: retire)
        _ = try Self.run(&world)
        #expect(world.record.regenerations == (retire ? 4 : 2))
        #expect(world.record.current?.keyType == .primary)
    }

    @Test(arguments: [false, true]) func killedAfterAnyEvent(retire: Bool) throws {
        var undisturbed = Self.world(retire: retire)
        let events = try Self.run(&undisturbed)
        for number in 1...events {
            var world = Self.world(retire: retire)
            world.crashAfter = [number]
            do {
                _ = try Self.run(&world)
            } catch {
                Issue.record("killed after event \(number): \(error)")
                return
            }
            #expect(world.record.hold == nil, "killed after event \(number)")
            #expect(world.record.current?.keyType == .primary, "killed after event \(number)")
            #expect(world.files?.fingerprint == world.record.current?.fingerprint)
        }
    }

    @Test func killedTwiceInARow() throws {
        var undisturbed = Self.world(retire: false)
        let events = try Self.run(&undisturbed)
        for number in 1...events {
            for distance in [1, 3] {
                var world = Self.world(retire: false)
                world.crashAfter = [number, number + distance]
                do {
                    _ = try Self.run(&world)
                } catch {
                    Issue.record("killed after events \(number) and \(number + distance): \(error)")
                    return
                }
                #expect(world.record.hold == nil)
                #expect(world.record.current?.keyType == .primary)
            }
        }
    }
}
