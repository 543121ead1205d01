import Delivery
import Glibc
import Logging
import Rotation
import Systemd
import Testing

@Suite(.timeLimit(.minutes(15))) struct DelivererStoppingTests {
    private let workshop: Workshop

    init() throws {
        workshop = try Workshop()
    }

    private func shell(_ script: String) -> Consumer {
        .run(["/bin/sh", "-c", "cd \(workshop.directory); " + script])
    }

    @Test func whatHangsIsStopped() async throws {
        let result = await workshop.deliver(
            to: shell("echo $$ >pid; echo waiting; exec sleep 600"), timeout: .seconds(1))
        #expect(try #require(result?.failure).detail == "/bin/sh did not end within 1s and was stopped: waiting")
        #expect(!isRunning(try #require(workshop.processID())))
    }

    @Test func aConsumerMayHaveATimeoutOfItsOwn() async throws {
        let results = await workshop.deliver(
            to: [
                .run(["/bin/sh", "-c", "exec sleep 600"], timeout: .milliseconds(200)), .run(["true"]),
            ], timeout: .seconds(300))
        #expect(results.map(\.succeeded) == [false, true])
        #expect(try #require(results.first?.failure).detail == "/bin/sh did not end within 200ms and was stopped")
    }

    @Test func whatIgnoresSIGTERMIsKilled() async throws {
        let script = "trap '' TERM; echo $$ >pid; while :; do sleep 0.05; done"
        let result = await workshop.deliver(to: shell(script), timeout: .seconds(1))
        #expect(try #require(result?.failure).detail.contains("did not end within 1s and was stopped"))
        #expect(!isRunning(try #require(workshop.processID())))
    }

    @Test func exitingWithSuccessOnSIGTERMIsNoSuccess() async throws {
        let script = "trap 'exit 0' TERM; while :; do sleep 0.05; done"
        let result = await workshop.deliver(to: shell(script), timeout: .seconds(1), grace: .seconds(300))
        #expect(try #require(result?.failure).detail.contains("did not end within 1s and was stopped"))
    }

    @Test func aChildThatIgnoresSIGTERMDoesNotOutliveItsGroup() async throws {
        let script = #"sh -c 'trap "" TERM; echo $$ >pid; exec sleep 600' & wait"#
        let result = await workshop.deliver(to: shell(script), timeout: .seconds(1))
        #expect(try #require(result).succeeded == false)
        let child = try #require(workshop.processID())
        try await eventually { !isRunning(child) }
    }

    @Test func aChildLeftBehindWithThePipeDoesNotHoldUpTheResult() async throws {
        let result = await workshop.deliver(to: shell("sleep 600 & echo $! >pid; echo done; exit 3"))
        #expect(try #require(result?.failure).detail == "/bin/sh exited 3: done")
        kill(try #require(workshop.processID()), SIGKILL)
    }

    @Test func aChildLeftBehindThatFloodsThePipeDoesNotHoldUpTheResultForEver() async throws {
        let result = await workshop.deliver(to: shell("yes & echo $! >pid; exit 0"), timeout: .seconds(2))
        #expect(result != nil)
        let child = try #require(workshop.processID())
        try await eventually { !isRunning(child) }
    }

    @Test func closingTheOutputIsNoEnd() async throws {
        let result = await workshop.deliver(to: shell("exec >&- 2>&-; exec sleep 600"), timeout: .seconds(1))
        #expect(try #require(result?.failure).detail.contains("did not end within 1s"))
        let late = await workshop.deliver(to: shell("exec >&- 2>&-; sleep 0.2; exit 9"))
        #expect(try #require(late?.failure).detail == "/bin/sh exited 9")
    }

    @Test func consumersAreToldAtTheSameTime() async throws {
        let meet = { (mine: String, other: String) in
            self.shell("touch \(mine); while [ ! -e \(other) ]; do sleep 0.01; done")
        }
        let results = await workshop.deliver(to: [meet("a", "b"), meet("b", "a")])
        #expect(results.map(\.succeeded) == [true, true])
    }

    @Test func aBadConsumerDoesNotAffectTheOthers() async throws {
        let consumers: [Consumer] = [
            // Hangs until the last one was told.
            shell("while [ ! -e told ]; do sleep 0.01; done; exit 4"), .run(["true"]), .run(["/no/such/command"]),
            shell("exit 3"), .unit("a.service", .tryReloadOrRestart), shell("touch told"),
        ]
        let results = await workshop.deliver(to: consumers, timeout: .seconds(120))
        #expect(results.map(\.consumer) == consumers)
        #expect(results.map(\.succeeded) == [false, true, false, false, false, true])
        #expect(try #require(results.first?.failure).detail == "/bin/sh exited 4")
    }

    @Test func aCancelledDeliveryStopsWhatRuns() async throws {
        let detail = await withTaskGroup(of: String?.self) { group in
            group.addTask { [workshop] in
                await workshop.deliver(
                    to: .run(["/bin/sh", "-c", "echo $$ >\(workshop.directory)/pid; exec sleep 600"]))?
                    .failure?.detail
            }
            while workshop.processID() == nil { await Task.yield() }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(detail == "/bin/sh was stopped because keyturn is stopping")
        #expect(!isRunning(try #require(workshop.processID())))
    }

    @Test func nobodyToTell() async {
        #expect(await workshop.deliver(to: []).isEmpty)
    }

    /// The daemon ignores SIGTERM, because it reads its signals from a queue; its children must not inherit that.
    @Test func signalsTheDaemonIgnoresReachTheCommand() async {
        await #expect(processExitsWith: .success) {
            signal(SIGTERM, SIG_IGN)
            let deliverer = Deliverer(timeout: .milliseconds(200), grace: .seconds(600), logger: Logger(label: "test"))
            let context = DeliveryContext(
                resource: "r", keyType: .primary, version: 1, publishedAt: Instant(unixMicroseconds: 0),
                secretsDirectory: "/s")
            let results = await deliverer.deliver(to: [.run(["sleep", "600"])], context: context)
            try #require(results.map(\.succeeded) == [false])
        }
    }
}
