import Rotation
import Testing

/// The machine does what the plan said.
@Suite struct PlanTests {
    private static let from = Instant.at("2026-11-20T12:00:00Z")
    private static let until = Instant.at("2028-01-10T00:00:00Z")

    /// A resource of which nothing is left to chance but when the daemon restarts.
    private struct Life {
        var script: Script
        var keys = (1, 2)
        var made = 2
        var version = 1
        var regenerated: [PlannedRotation] = []

        init(_ settings: RotationSettings) {
            script = Script(settings)
            script.now = PlanTests.from
            script.writesRecord = false
            let action = script.send(.started)
            answer(action)
        }

        /// Everything that is asked for is answered at once, and well.
        mutating func answer(_ first: Action?) {
            var action = first
            while let asked = action { action = step(asked) }
        }

        mutating func step(_ asked: Action) -> Action? {
            switch asked {
            case .readSecrets: return script.send(.secretsRead(view))
            case .listKeys:
                return script.send(
                    .keysListed(
                        RotationTests.keys(keys.0, keys.1), serverDate: Instant(unixSeconds: script.now.unixSeconds)))
            case .probe: return script.send(.probed(.succeeded))
            case .regenerate(let intent):
                made += 1
                if intent.keyType == .primary { keys.0 = made } else { keys.1 = made }
                regenerated.append(
                    PlannedRotation(
                        at: intent.at, resource: script.machine.settings.name, keyType: intent.keyType,
                        cause: intent.purpose == .retirement ? .retire : .every))
                return script.send(.regenerateAnswered(.regenerated(intent.keyType, fingerprint(made))))
            case .publish(let order):
                version = order.version
                return script.send(.published)
            case .deliver(_, let consumers):
                return script.send(
                    .delivered(Dictionary(uniqueKeysWithValues: consumers.map { ($0, Failure?.none) })))
            }
        }

        private var view: SecretsView? {
            script.record.current.map { current in
                .published(
                    current.keyType == .primary ? keys.0 : keys.1, current.keyType, version: version,
                    at: current.publishedAt)
            }
        }

        /// Hour by hour, and whenever the machine wants to be woken; restarted now and then.
        mutating func live(until: Instant, restarts: inout SplitMix64) {
            var hour = script.now
            while script.now < until {
                hour = hour + .seconds(3600)
                while let wake = script.machine.nextWake, wake < hour {
                    script.now = max(script.now, wake)
                    answer(script.send(.woke))
                }
                script.now = hour
                answer(restarts.chance(0.002) ? script.restart() : script.send(.woke))
            }
        }
    }

    private static func settings(_ number: Int) throws -> RotationSettings {
        var settings = RotationSettings.sample { $0.driftCheck = .days(1) }
        func timing(_ calendar: String? = nil, _ openings: Openings = Openings()) throws -> Timing {
            Timing(calendar: try calendar.map { try CalendarExpression($0) }, calendarZone: .berlin, openings: openings)
        }
        let weeknights = try Openings.sample(["Mon..Thu 02:00..05:00"], without: ["12-20..01-04"])
        switch number {
        case 0: break
        case 1: settings.policy.jitter = .hours(7)
        case 2: (settings.policy.timing, settings.policy.jitter) = (try timing(nil, weeknights), .hours(2))
        case 3: settings.policy.timing = try timing("Mon *-*-1..7 03:00")
        case 4: (settings.policy.timing, settings.policy.overlap) = (try timing("*-*-* 02:30"), .hours(20))
        case 5:
            settings.policy.timing = try timing("*-*-01 00:00", weeknights)
            (settings.policy.jitter, settings.policy.retire) = (.hours(3), true)
        case 6:
            settings.policy.timing = try timing(nil, .sample(without: ["2026-12-01..2027-02-15"]))
            (settings.policy.maxAge, settings.policy.onDeadline) = (.days(45), .rotate)
        case 7:
            settings.policy.timing = try timing(nil, .sample(["Sat,Sun 22:00..04:00"], in: .lordHowe))
            (settings.policy.every, settings.spread, settings.policy.jitter) = (.days(7), .hours(1), .minutes(20))
        case 8:
            settings.policy.every = .days(5)
            settings.policy.timing = try timing(nil, .sample(["02:30..03:30"]))
            settings.policy.verification = nil
        default:
            settings.policy.timing = try timing("quarterly")
            settings.policy.verification = Policy.Verification(probes: 5, spacing: .seconds(60), timeout: .seconds(900))
        }
        return settings
    }

    @Test(arguments: 0..<10) func aYearGoesAsPlanned(number: Int) throws {
        let settings = try Self.settings(number)
        var life = Life(settings)
        #expect(life.script.record.current?.publishedAt == Self.from)
        let plan = RotationPlan(
            [RotationPlan.Resource(settings: settings, subscription: "s", record: life.script.record)],
            from: Self.from, until: Self.until)
        #expect(plan.rotations.count >= 4)
        var restarts = SplitMix64(seed: UInt64(number))
        life.live(until: Self.until, restarts: &restarts)
        for (planned, done) in zip(plan.rotations, life.regenerated) {
            #expect(
                planned.at == done.at && planned.keyType == done.keyType
                    && (planned.cause == .retire) == (done.cause == .retire), "case \(number): \(planned) \(done)")
        }
        #expect(plan.rotations.count == life.regenerated.count, "case \(number)")
    }

    /// Made anew in the middle of it, the plan says the same of what is left.
    @Test(arguments: 0..<10) func aPlanFromTheRecordGoesOn(number: Int) throws {
        let settings = try Self.settings(number)
        var life = Life(settings)
        let whole = RotationPlan(
            [RotationPlan.Resource(settings: settings, subscription: "s", record: life.script.record)],
            from: Self.from, until: Self.until)
        var restarts = SplitMix64(seed: 99)
        let middle = Instant.at("2027-05-20T12:00:00Z")
        life.live(until: middle, restarts: &restarts)
        let rest = RotationPlan(
            [RotationPlan.Resource(settings: settings, subscription: "s", record: life.script.record)],
            from: middle, until: Self.until)
        #expect(rest.rotations.map(\.at) == whole.rotations.map(\.at).filter { $0 >= middle }, "case \(number)")
    }

    @Test func whatIsStoppedIsNotPlanned() throws {
        var record = Script.settled().record
        record.pausedBy = "ada (uid 1000)"
        let plan = RotationPlan(
            [RotationPlan.Resource(settings: .sample(), subscription: "s", record: record)], from: Self.from,
            until: Self.until)
        #expect(plan.rotations.isEmpty)
        #expect(plan.unplanned["contoso-sms"]?.contains("ada") == true)
    }

    @Test func theFirstOnesAreTheFirstOfAll() throws {
        let resources = (0..<50).map { number in
            var settings = RotationSettings.sample { $0.jitter = .days(20) }
            settings.name = "contoso-\(number)"
            return RotationPlan.Resource(settings: settings, subscription: "s", record: nil)
        }
        let all = RotationPlan(resources, from: Self.from, until: Self.until)
        let some = RotationPlan(resources, from: Self.from, until: Self.until, count: 7)
        #expect(some.rotations == Array(all.rotations.prefix(7)))
        #expect(some.until == all.rotations[7].at)
    }

    @Test(arguments: [nil, "canary"]) func theFirstOnesOfEachAreThoseOfTheWholePlan(_ canary: String?) throws {
        let resources = ["canary", "contoso-a", "contoso-b"].map { name in
            var settings = RotationSettings.sample { ($0.jitter, $0.canary) = (.days(2), canary) }
            settings.name = name
            return RotationPlan.Resource(settings: settings, subscription: "s", record: nil)
        }
        let all = RotationPlan(resources, from: Self.from, until: Self.until)
        let some = RotationPlan(resources, from: Self.from, until: Self.until, each: 4)
        for name in ["canary", "contoso-a", "contoso-b"] {
            let ofResource = all.rotations.filter { $0.resource == name }
            #expect(ofResource.count > 4)
            #expect(some.rotations.filter { $0.resource == name } == Array(ofResource.prefix(4)))
        }
    }

    @Test func theCanaryIsPlannedFirst() throws {
        func settings(_ name: String) -> RotationSettings {
            var settings = RotationSettings.sample { ($0.jitter, $0.canary) = (.hours(5), "canary") }
            settings.name = name
            return settings
        }
        let plan = RotationPlan(
            ["contoso-a", "canary", "contoso-b"].map {
                RotationPlan.Resource(settings: settings($0), subscription: "s", record: nil)
            }, from: Self.from, until: Self.from + .days(40))
        #expect(plan.rotations.first?.resource == "canary")
        #expect(plan.rotations.count == 3)
        var stopped = Script.settled().record
        stopped.pausedBy = "ada"
        let none = RotationPlan(
            [
                RotationPlan.Resource(settings: settings("contoso-a"), subscription: "s", record: nil),
                RotationPlan.Resource(settings: settings("canary"), subscription: "s", record: stopped),
            ], from: .at("2028-01-01T00:00:00Z"), until: .at("2028-03-01T00:00:00Z"))
        #expect(none.unplanned["contoso-a"]?.contains("canary") == true)
    }

    /// What `Policy.writesOfRotation` says is what the machine does.
    @Test func callsAreCounted() throws {
        var life = Life(.sample())
        var calls = 0
        life.script.now = try #require(life.script.record.due).at
        var action = life.script.send(.woke)
        while let asked = action, calls < 20 {
            switch asked {
            case .listKeys, .regenerate: calls += 1
            default: break
            }
            action = life.step(asked)
            while action == nil, life.script.record.phase.name == "verifying" { action = life.script.wake() }
        }
        #expect(calls == Policy.writesOfRotation)
    }
}
