import Rotation

/// What one simulated world is like: everything follows from the seed, unless it is narrowed down.
package struct Scenario: Sendable {
    package let seed: UInt64
    /// How long faults go on. Afterwards a calm time follows in which everything has to settle.
    package var years: Double
    package var resources: Int
    package var plan: FaultPlan
    package var features: Set<Feature> = []
    /// What another hand does is counted as the daemon's fault: a world that must fail, to try the checks themselves.
    package var blamesTheDaemon = false

    package init(seed: UInt64, years: Double) {
        self.seed = seed
        self.years = years
        var random = SeededRandom(seed: seed)
        resources = 1 + random.below(3)
        plan = FaultPlan(random: &random)
        for feature in Feature.allCases {
            var random = SeededRandom(seed: seed ^ feature.salt)
            if random.chance(feature.share) { features.insert(feature) }
            if feature == .peers, features.contains(.peers) { resources = 2 + random.below(3) }
        }
    }

    /// The same world without some of what makes it hard; the rest stays as it was.
    package func without(_ fault: Fault) -> Scenario {
        var scenario = self
        scenario.plan[fault] = 0
        return scenario
    }

    /// The same with simpler policies.
    package func without(_ feature: Feature) -> Scenario {
        var scenario = self
        scenario.features.remove(feature)
        return scenario
    }

    /// Numbers of their own for each purpose, so that leaving one thing out does not change the others.
    func random(for purpose: String) -> SeededRandom {
        var mixed = seed ^ 0x6b65_7974_7572_6e21
        for byte in purpose.utf8 { mixed = (mixed ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return SeededRandom(seed: mixed)
    }
}

extension Scenario {
    /// What policies have, beside the periods that all of them have.
    package enum Feature: String, CaseIterable, Sendable {
        /// Some have windows and freezes.
        case hours
        /// Some are due by a calendar.
        case calendars
        /// All resources share one policy, with a canary or `stopAfter`.
        case peers
        /// Hundreds of other resources are in the subscription, so those that are due together begin one after the other.
        case crowd
        /// What strikes also does so just while a rotation is under way.
        case untimely

        /// The part of all worlds that have it.
        fileprivate var share: Double {
            switch self {
            case .hours: 0.5
            case .calendars: 0.3
            case .peers: 0.25
            case .crowd: 0.2
            case .untimely: 0.3
            }
        }

        fileprivate var salt: UInt64 {
            switch self {
            case .hours: 0x686f_7572_7321
            case .calendars: 0x6361_6c65_6e64_6172
            case .peers: 0x7065_6572_7321
            case .crowd: 0x6372_6f77_6421
            case .untimely: 0x756e_7469_6d65_6c79
            }
        }
    }
}

extension Policy {
    /// Mostly rarer looks than operators would choose: they are what a simulated year costs, and seldom looks are the
    /// harder case.
    private static func lookHours(_ random: inout SeededRandom) -> Int {
        switch random.fraction() {
        case ..<0.0003: 1
        case ..<0.002: 6
        case ..<0.03: 24
        case ..<0.2: 72
        case ..<0.8: 168
        default: 336
        }
    }

    /// A policy as an operator might write it.
    init(random: inout SeededRandom) {
        let day = Duration.seconds(86_400)
        let every = day * (random.chance(0.04) ? 7 : random.pick([30, 30, 60, 60, 90, 90, 180, 180, 365, 365]))
        let overlaps: [Duration] = [.seconds(3600), .seconds(21_600), day, day, day * 3, day * 7]
        let overlap = random.pick(overlaps.filter { $0 < every })
        let probing = Verification(
            probes: 1 + random.below(4), spacing: .seconds(random.pick([5, 10, 60])),
            timeout: .seconds(random.pick([300, 900, 3600])))
        let jitter = random.chance(0.5) ? every / random.pick([4, 10, 20]) : .zero
        let mode = random.chance(0.07) ? Mode.manual : random.chance(0.03) ? .paused : .auto
        self.init(
            every: every, overlap: overlap, jitter: jitter, mode: mode,
            maxAge: random.chance(0.3) ? every + every / 5 + jitter + overlap : nil,
            verification: random.chance(0.12) ? nil : probing,
            settle: .seconds(random.pick([30, 120, 120, 120, 300, 600])), retire: random.chance(0.3),
            driftCheck: .seconds(3600 * Policy.lookHours(&random)))
    }
}
