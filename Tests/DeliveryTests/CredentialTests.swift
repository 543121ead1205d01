import Delivery
import KeyMaterial
import Rotation
import Systemd
import Testing

@Suite(.timeLimit(.minutes(15))) struct CredentialTests {
    private let workshop: Workshop
    private let credential = Consumer.credential("acs", key: "host", unit: "encrypt@a.service")

    init() throws {
        workshop = try Workshop()
    }

    private func deliver(
        _ consumers: [Consumer], _ behaviour: FakeServiceManager.Behaviour
    ) async throws -> ([ConsumerResult], calls: [String]) {
        let manager = FakeServiceManager(
            ["encrypt@a.service": .init(behaviour: behaviour, activeState: "inactive"), "a.service": .init()],
            directory: workshop.directory)
        let results = try await manager.whileServing { [workshop] in
            await workshop.deliver(to: consumers, bus: manager.address)
        }
        return (results, manager.calls)
    }

    @Test func itIsMadeBeforeAnybodyIsTold() async throws {
        let consumers = [.unit("a.service", .tryRestart), credential, .run(["true"])]
        let (results, calls) = try await deliver(consumers, .job(result: "done"))
        #expect(results.map(\.consumer) == consumers)
        #expect(results.map(\.succeeded) == [true, true, true])
        #expect(calls == ["RestartUnit encrypt@a.service replace", "TryRestartUnit a.service replace"])
    }

    @Test func whileItFailsNobodyElseIsTold() async throws {
        let script = "touch \(workshop.directory)/told"
        let consumers = [.unit("a.service", .tryRestart), credential, .run(["/bin/sh", "-c", script])]
        let (results, calls) = try await deliver(consumers, .job(result: "failed"))
        #expect(calls == ["RestartUnit encrypt@a.service replace"])
        #expect(results.map(\.succeeded) == [false, false, false])
        #expect(results.first?.failure?.detail == "restart:a.service waits for encrypt:host:acs")
        #expect(results[1].failure?.detail.hasPrefix("encrypt@a.service: restart failed (job result 'failed')") == true)
        // Made at the next attempt, it is not made again.
        let (later, _) = try await deliver([.unit("a.service", .tryRestart)], .job(result: "failed"))
        #expect(later.map(\.succeeded) == [true])
    }

    @Test func theSecretGoesThroughAPipe() async throws {
        let program = try workshop.write(
            "script", "#!/bin/sh\necho \"$# $*\"; env | sort | grep -v -e ^PWD -e ^SHLVL -e ^_; tr a-z A-Z; echo\n")
        let made = try await CredentialEncryptor(program: program).encrypt(
            Secret("quite-secret"), name: "acs", key: "tpm2")
        #expect(
            String(decoding: made, as: UTF8.self) == """
                5 encrypt --name=acs --with-key=tpm2 - -
                LANG=C.UTF-8
                PATH=/usr/sbin:/usr/bin:/sbin:/bin
                QUITE-SECRET

                """)
    }

    @Test func whatSystemdCredsSaysIsTold() async throws {
        let program = try workshop.write(
            "script", "#!/bin/sh\ncat >/dev/null; echo half; echo 'TPM2 support not installed' >&2; exit 1\n")
        let error = await #expect(throws: Failure.self) {
            try await CredentialEncryptor(program: program).encrypt(Secret("s"), name: "acs", key: "tpm2")
        }
        #expect(error?.detail == "\(program) exited 1: TPM2 support not installed")
        let missing = await #expect(throws: Failure.self) {
            try await CredentialEncryptor(program: workshop.directory + "/none").encrypt(
                Secret("s"), name: "acs", key: "auto")
        }
        #expect(missing?.detail.hasSuffix("/none could not be started: No such file or directory") == true)
    }
}
