import Rotation
import RotationEngine
import Testing

/// How many resources are at work at a time, and which come first.
@Suite struct DriverLimitTests {
    private static let now = Instant(unixSeconds: 1_800_000_000)

    private static func core(limit: Int, resources: Int) throws -> EngineCore {
        let core = EngineCore(limit: limit)
        core.load([:], try Samples.resources(resources), now)
        return core
    }

    @Test func noMoreThanTheLimitAndTheRestLater() throws {
        let core = try Self.core(limit: 4, resources: 10)
        let first = core.takeDue(Self.now)
        #expect(first.count == 4)
        #expect(core.takeDue(Self.now).isEmpty)
        #expect(core.nextDue(Self.now) == nil, "the end of a driver brings the next, not time")
        core.failLook(first[0], Self.now)
        #expect(core.nextDue(Self.now) == Self.now)
        #expect(core.takeDue(Self.now).count == 1)
        #expect(core.drivenResources.count == 4)
    }

    @Test func aCommandComesFirst() throws {
        let core = try Self.core(limit: 1, resources: 10)
        #expect(core.submit(.pauseRequested(actor: "ada"), to: "contoso-9", command: 7) == nil)
        #expect(core.takeDue(Self.now) == ["contoso-9"])
    }

    @Test func whoWaitsLongestComesFirst() throws {
        let core = try Self.core(limit: 2, resources: 3)
        for name in core.takeDue(Self.now) { core.failLook(name, Self.now + .seconds(Int(name.suffix(1)) ?? 0)) }
        // 2 was never looked at; 0 failed a second before 1.
        let later = Self.now + .seconds(3600)
        #expect(core.takeDue(later) == ["contoso-2", "contoso-0"])
    }

    @Test func thoseInTroubleAreAtMostHalf() throws {
        let core = try Self.core(limit: 4, resources: 8)
        for _ in 0..<2 { for name in core.takeDue(Self.now) { core.failLook(name, Self.now) } }
        let later = Self.now + .seconds(3600)
        #expect(core.takeDue(later).count == 2)
        #expect(core.nextDue(later) == nil, "and the loop does not spin")
        #expect(core.submit(.pauseRequested(actor: "ada"), to: "contoso-7", command: 7) == nil)
        #expect(core.takeDue(later).isEmpty)
    }
}

extension EngineCore {
    /// Carries out a driven resource's steps; `listKeys` fails.
    fileprivate func failLook(_ name: String, _ now: Instant) {
        while let step = next(name, now: now, ending: false) {
            switch step {
            case .save: saved(name)
            case .perform(.readSecrets, _): answered(.secretsRead(nil), name)
            case .perform: answered(.listKeysFailed(Failure(.azureUnavailable, "503")), name)
            }
        }
        driverEnded(name, now)
    }
}
