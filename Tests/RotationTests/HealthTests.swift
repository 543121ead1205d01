import Rotation
import Testing

@Suite struct HealthTests {
    @Test func aKeyThatIsTooOldIsShoutedOnceAndHealsWithTheNext() {
        var script = Script.settled(.sample { $0.mode = .manual })
        let limit = script.machine.ageLimit ?? script.now
        for _ in 0..<2000 where script.now < limit {
            if script.wake() == .readSecrets { script.look(.published(1, .primary), keys(1, 2)) }
        }
        #expect(script.now == limit)
        #expect(script.machine.health(script.now) == .degraded(.keyTooOld))
        #expect(script.machine.explanation(script.now)?.since == limit)
        #expect(script.machine.explanation(script.now)?.detail.contains("maxAge") == true)
        for _ in 0..<3 {
            script.wake()
            script.look(.published(1, .primary), keys(1, 2))
        }
        #expect(script.count(.keyTooOld) == 1)
        script.send(.reconfigured(.sample { ($0.mode, $0.maxAge) = (.manual, .days(90)) }))
        #expect(script.machine.health(script.now) == .ok)
        #expect(!script.record.ageReported)
    }

    @Test func heldWeighsMoreThanTroubleAndTroubleMoreThanAPause() {
        var script = Script.settled()
        script.send(.pauseRequested(actor: "ada"))
        #expect(script.machine.health(script.now).name == "paused")
        script.send(all: [.secretsRead(nil), .listKeysFailed(.refused)])
        #expect(script.machine.health(script.now).name == "degraded")
        script.wake()
        script.listStrangely(nil)
        #expect(script.machine.health(script.now).name == "held")
        #expect(script.machine.explanation(script.now)?.detail == "3 times no endpoint")
    }

    @Test func okHasNoReason() {
        let script = Script.settled()
        #expect(script.machine.health(script.now).name == "ok")
        #expect(script.machine.health(script.now).reason == nil)
        #expect(script.machine.explanation(script.now) == nil)
    }
}
