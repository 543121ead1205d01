import Glibc
import Rotation
import RotationEngine
import RotationTestKit
import Testing

/// The proof of life behind the watchdog comes from the engine's loop and from nowhere else.
@Suite(.timeLimit(.minutes(15)))
struct HeartbeatTests {
    @Test func `it beats as long as the loop goes round`() async throws {
        let world = EngineWorld()
        let beats = Protected(0)
        var options = EngineOptions()
        options.longestSleep = .seconds(30)
        options.heartbeat = { beats.change { $0 += 1 } }
        try await world.withEngine([try Samples.resource()], options: options) { running in
            #expect(await running.settle())
            let before = beats.value
            await running.advance(by: .seconds(600))
            #expect(beats.value >= before + 20)
        }
    }

    @Test func `it stops when the engine is stuck`() async throws {
        let world = EngineWorld()
        let resource = try Samples.resource()
        let (beats, stuck, gate) = (Protected(0), Protected(false), Gate())
        var options = EngineOptions()
        options.longestSleep = .seconds(30)
        options.heartbeat = { beats.change { $0 += 1 } }
        // Called by the engine itself: as long as it does not return, the engine does nothing else.
        let isToStick = Protected(false)
        options.changed = {
            guard isToStick.value else { return }
            stuck.change { $0 = true }
            while !gate.isOpen { usleep(1000) }
        }
        try await world.withEngine([resource], options: options) { running in
            #expect(await running.settle())
            isToStick.change { $0 = true }
            let engine = running.engine
            async let outcome = engine.pause(resource.name, actor: "alice")
            while !stuck.value { await Task.yield() }
            let before = beats.value
            for _ in 0..<20 {
                world.clock.advance(by: .seconds(30))
                await Task.yield()
                usleep(1000)
            }
            #expect(beats.value == before)
            isToStick.change { $0 = false }
            gate.open()
            _ = await outcome
            await running.advance(by: .seconds(60))
            #expect(beats.value > before)
        }
    }
}
