import Delivery
import Logging
import Rotation
import Systemd
import Testing

@Suite(.timeLimit(.minutes(15))) struct UnitDeliveryTests {
    private let workshop: Workshop

    init() throws {
        workshop = try Workshop()
    }

    /// What is said of telling the unit `a.service`; nil is success.
    private func failure(
        of unit: FakeServiceManager.Unit?, _ verb: UnitVerb = .tryReloadOrRestart, timeout: Duration = .seconds(300)
    ) async throws -> String? {
        let manager = FakeServiceManager(unit.map { ["a.service": $0] } ?? [:], directory: workshop.directory)
        return try await manager.whileServing { [workshop] in
            let results = await workshop.deliver(
                to: [.unit("a.service", verb, timeout: timeout)], bus: manager.address)
            #expect(results.count == 1)
            #expect(results.first?.failure.map { $0.reason == .deliveryFailed } ?? true)
            return [results.first?.failure?.detail]
        }[0]
    }

    @Test(arguments: [
        (UnitVerb.tryReloadOrRestart, "ReloadOrTryRestartUnit"), (.reloadOrRestart, "ReloadOrRestartUnit"),
        (.restart, "RestartUnit"), (.reload, "ReloadUnit"), (.tryRestart, "TryRestartUnit"),
    ])
    func eachVerbIsItsMethod(_ verb: UnitVerb, _ method: String) async throws {
        let manager = FakeServiceManager(["worker@1.service": .init()], directory: workshop.directory)
        try await manager.whileServing { [workshop] in
            let results = await workshop.deliver(to: [.unit("worker@1.service", verb)], bus: manager.address)
            #expect(results.map(\.succeeded) == [true])
        }
        #expect(manager.calls == ["\(method) worker@1.service replace"])
    }

    /// A restart of ours may have taken it down, and would count as done at the next attempt.
    @Test func aUnitThatFailedSinceThePublicationIsNotTold() async throws {
        let since = FakeServiceManager.Unit(activeState: "failed", stateChangedAt: 1000)
        #expect(
            try await failure(of: since)
                == "a.service: try-reload-or-restart found that it failed after the new connection string was published;"
                + " look at 'systemctl status a.service', then start it, or say 'systemctl reset-failed a.service' if it is"
                + " not to run")
        #expect(try await failure(of: since, .restart) == nil, "a verb that starts it is enough")
        #expect(try await failure(of: .init(activeState: "failed", stateChangedAt: 999)) == nil, "it was down before")
        #expect(
            try await failure(of: .init(activeState: "inactive", stateChangedAt: 1000)) == nil, "somebody stopped it")
    }

    @Test func aJobThatEndsBeforeItsAnswerIsNotMissed() async throws {
        #expect(try await failure(of: .init(behaviour: .job(result: "done", early: true))) == nil)
        #expect(
            try await failure(of: .init(behaviour: .job(result: "failed", early: true)))?.contains("'failed'") == true)
    }

    @Test(arguments: [
        ("failed", "failed (job result 'failed'); look at 'systemctl status a.service' and 'journalctl -u a.service'"),
        (
            "timeout",
            "took longer than the unit allows (job result 'timeout'); look at 'systemctl status a.service'"
                + " and 'journalctl -u a.service'"
        ),
        ("canceled", "was cancelled by another job (job result 'canceled'); it is tried again"),
        (
            "dependency",
            "failed because a unit that it needs did (job result 'dependency'); look at 'systemctl status a.service'"
                + " and 'journalctl -u a.service'"
        ),
        (
            "skipped",
            "was not done (job result 'skipped'); look at 'systemctl status a.service' and 'journalctl -u a.service'"
        ),
    ])
    func whatIsNotDoneIsAFailure(_ result: String, _ said: String) async throws {
        let detail = try await failure(of: .init(behaviour: .job(result: result)), .restart)
        #expect(detail == "a.service: restart " + said)
    }

    @Test(arguments: [
        (
            "org.freedesktop.systemd1.UnitMasked", "Unit a.service is masked.",
            "was refused: the unit is masked; 'systemctl unmask a.service', or take it out of the configuration"
        ),
        (
            "org.freedesktop.systemd1.JobTypeNotApplicable", "Job type reload is not applicable for unit a.service.",
            "was refused: the unit has no ExecReload=; use verb: try-restart"
        ),
        (
            "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", "Interactive authentication required.",
            "was refused: keyturn's user may not do that; 'sudo keyturn polkit-rule --install' allows it"
        ),
        (
            "org.freedesktop.DBus.Error.AccessDenied", "Access denied",
            "was refused: keyturn's user may not do that; 'sudo keyturn polkit-rule --install' allows it"
        ),
        (
            "org.freedesktop.DBus.Error.NoReply", "Message recipient disconnected",
            "was not answered by systemd, which may just be starting anew (Message recipient disconnected);"
                + " it is tried again"
        ),
        (
            "org.freedesktop.systemd1.TransactionIsDestructive", "Transaction is destructive.",
            "was refused: Transaction is destructive. (org.freedesktop.systemd1.TransactionIsDestructive)"
        ),
    ])
    func aRefusalSaysWhatToDo(_ name: String, _ message: String, _ said: String) async throws {
        #expect(try await failure(of: .init(behaviour: .error(name, message)), .reload) == "a.service: reload " + said)
    }

    @Test func whatIsNotThereSaysSo() async throws {
        #expect(
            try await failure(of: nil)
                == "a.service: try-reload-or-restart was refused: Unit a.service not found. Is it installed, and its"
                + " name right?")
    }

    @Test func aRefusedAliasSaysTheNameToWrite() async throws {
        let unit = FakeServiceManager.Unit(
            behaviour: .error("org.freedesktop.DBus.Error.AccessDenied", "Access denied"), id: "b.service")
        #expect(
            try await failure(of: unit)
                == "a.service: try-reload-or-restart was refused: it is another name for b.service; write that in the"
                + " configuration")
    }

    @Test(arguments: [
        (UnitVerb.tryReloadOrRestart, "done", true), (.tryRestart, "done", true),
        // What systemd says of a reload of what does not run.
        (.reload, "invalid", true), (.restart, "failed", false), (.reloadOrRestart, "failed", false),
    ])
    func whatDoesNotRunNeedNotBeTold(_ verb: UnitVerb, _ result: String, _ succeeds: Bool) async throws {
        for state in ["inactive", "failed"] {
            let unit = FakeServiceManager.Unit(behaviour: .job(result: result), activeState: state)
            #expect((try await failure(of: unit, verb) == nil) == succeeds)
        }
        let said = workshop.logged.filter { $0.message == "consumer does not run; it reads the new key when it starts" }
        #expect(said.count == (succeeds ? 2 : 0))
        #expect(said.allSatisfy { $0.level == .info && $0.metadata["resource"] == "contoso-sms" })
    }

    @Test func whatIsMaskedAndDoesNotRunNeedNotBeTold() async throws {
        let masked = FakeServiceManager.Behaviour.error("org.freedesktop.systemd1.UnitMasked", "it is masked")
        #expect(try await failure(of: .init(behaviour: masked, activeState: "inactive")) == nil)
        #expect(try await failure(of: .init(behaviour: masked, activeState: "inactive"), .restart) != nil)
    }

    @Test func aJobThatHangsIsGivenUp() async throws {
        #expect(
            try await failure(of: .init(behaviour: .hangs), timeout: .milliseconds(200))
                == "a.service: try-reload-or-restart did not end within 200ms; look at 'systemctl list-jobs'")
        #expect(
            try await failure(of: .init(behaviour: .silent), timeout: .milliseconds(200))?.contains("200ms") == true)
    }

    @Test func aBusThatGoesAwayIsFoundAgain() async throws {
        let detail = try await failure(of: .init(behaviour: .breaks))
        #expect(detail?.hasPrefix("a.service: try-reload-or-restart could not be asked for: the system bus: ") == true)
        #expect(try await failure(of: .init()) == nil)
    }

    @Test func withoutABusThereIsAFailure() async throws {
        let results = await workshop.deliver(
            to: [.unit("a.service", .tryReloadOrRestart)], bus: "unix:path=\(workshop.directory)/no-bus")
        #expect(
            results.first?.failure?.detail
                == "a.service: try-reload-or-restart could not be asked for: the system bus: connecting failed:"
                + " No such file or directory")
    }

    @Test func whatAUnitSaysOfItselfIsRead() async throws {
        let manager = FakeServiceManager(
            ["a.service": .init(), "new.service": .init(id: "b.service", refreshes: true)],
            directory: workshop.directory)
        let asked = ServiceManager(address: manager.address)
        try await manager.whileServing {
            let old = try #require(try await asked.facts(of: "a.service", timeout: .seconds(60)))
            let sources = [
                UnitFacts.Source(setting: "LoadCredential=", path: "/a"), .init(setting: "LoadCredential=", path: "b"),
            ]
            let file = UnitFacts.Source(setting: "EnvironmentFile=", path: "/env")
            #expect(
                old
                    == UnitFacts(
                        id: "a.service", canReload: true, sources: sources + [file], refreshesCredentials: false))
            let imported = UnitFacts.Source(setting: "ImportCredential=", path: "b*")
            #expect(
                try await asked.facts(of: "new.service", timeout: .seconds(60))
                    == UnitFacts(
                        id: "b.service", canReload: true, sources: sources + [imported, file],
                        refreshesCredentials: true))
            #expect(try await asked.facts(of: "none.service", timeout: .seconds(60)) == nil)
        }
        await #expect(throws: BusFailure.unavailable("connecting failed: No such file or directory")) {
            try await asked.facts(of: "a.service", timeout: .seconds(60))
        }
    }

    @Test func aUnitThatHangsHoldsUpNoOther() async throws {
        let manager = FakeServiceManager(
            ["hangs.service": .init(behaviour: .hangs), "a.service": .init()], directory: workshop.directory)
        try await manager.whileServing { [workshop] in
            let results = await workshop.deliver(
                to: [
                    .unit("hangs.service", .restart, timeout: .milliseconds(300)), .unit("a.service", .restart),
                    .run(["true"]), .unit("none.service", .restart),
                ], bus: manager.address)
            #expect(results.map(\.succeeded) == [false, true, true, false])
        }
    }

    @Test func aCancelledDeliveryWaitsNoLonger() async throws {
        let manager = FakeServiceManager(["a.service": .init(behaviour: .hangs)], directory: workshop.directory)
        let detail = try await manager.whileServing { [workshop] in
            await withTaskGroup(of: String?.self) { group in
                group.addTask {
                    await workshop.deliver(to: [.unit("a.service", .restart)], bus: manager.address).first?.failure?
                        .detail
                }
                while manager.calls.isEmpty { await Task.yield() }
                group.cancelAll()
                return [await group.next() ?? nil]
            }
        }[0]
        #expect(detail == "a.service: restart was not waited for because keyturn is stopping")
    }
}
