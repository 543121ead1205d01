import Delivery
import Glibc
import Logging
import Rotation
import Testing

@Suite(.timeLimit(.minutes(15))) struct DelivererTests {
    private let workshop: Workshop

    init() throws {
        workshop = try Workshop()
    }

    private func shell(_ script: String) -> Consumer {
        .run(["/bin/sh", "-c", script])
    }

    private func failure(of consumer: Consumer, timeout: Duration = .seconds(300)) async throws -> String {
        let failure = try #require(await workshop.deliver(to: consumer, timeout: timeout)?.failure)
        #expect(failure.reason == .deliveryFailed)
        return failure.detail
    }

    @Test func argumentsAreNotInterpreted() async throws {
        let arguments = ["/usr/bin/printf", "%s\\n", "a b", "$HOME", "`id`", "*", "; exit 1", "ü", ""]
        #expect(try #require(await workshop.deliver(to: .run(arguments))).succeeded)
        #expect(workshop.output == ["a b", "$HOME", "`id`", "*", "; exit 1", "ü"])
    }

    @Test func theEnvironmentIsMinimal() async throws {
        #expect(try #require(await workshop.deliver(to: .run(["env"]))).succeeded)
        #expect(
            workshop.output.sorted() == [
                "KEYTURN_KEY_TYPE=Secondary", "KEYTURN_RESOURCE=contoso-sms",
                "KEYTURN_SECRETS_DIRECTORY=/secrets/contoso sms", "KEYTURN_VERSION=42", "LANG=C.UTF-8",
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ])
    }

    @Test func itRunsApartFromTheDaemon() async throws {
        let script = """
            pwd; readlink /proc/$$/fd/0; set -- $(cut -d' ' -f1,5,6 /proc/$$/stat)
            [ $1 = $2 ] && [ $1 = $3 ] && echo leader
            for fd in $(seq 0 99); do [ -e /proc/$$/fd/$fd ] && echo $fd; done; true
            """
        #expect(try #require(await workshop.deliver(to: shell(script))).succeeded)
        #expect(workshop.output == ["/", "/dev/null", "leader", "0", "1", "2"])
    }

    @Test func outputIsLoggedLineByLine() async throws {
        _ = await workshop.deliver(to: [shell("echo one; echo; echo two >&2"), shell("echo three; exit 1")])
        let lines = workshop.logged.filter { $0.message == "consumer output" }
        #expect(
            Set(lines.map { "\($0.level) \($0.metadata["line"] ?? "")" }) == ["info one", "info two", "info three"])
        #expect(lines.allSatisfy { $0.metadata["resource"] == "contoso-sms" })
        #expect(
            lines.first { $0.metadata["line"] == "three" }?.metadata["consumer"]?.description
                == shell("echo three; exit 1").id.rawValue)
    }

    @Test func theLastLinesExplainAFailure() async throws {
        let detail = try await failure(of: shell("echo first; echo second >&2; printf 'third\\n\\n'; exit 7"))
        #expect(detail == "/bin/sh exited 7: second third")
    }

    @Test func aFailureWithoutOutput() async throws {
        #expect(try await failure(of: .run(["false"])) == "false exited 1")
    }

    @Test func whatEndsAtOnceIsReadToItsEnd() async throws {
        for number in 0..<30 {
            #expect(try await failure(of: shell("echo \(number); exit 1")) == "/bin/sh exited 1: \(number)")
        }
    }

    @Test func aSignalIsNamed() async throws {
        #expect(
            try await failure(of: shell("echo going; kill -SEGV $$"))
                == "/bin/sh was killed by signal 11 (Segmentation fault): going")
    }

    @Test func whatCannotBeStartedSaysWhy() async throws {
        let missing = workshop.directory + "/script"
        #expect(
            try await failure(of: .run([missing])) == "\(missing) could not be started: No such file or directory")
        #expect(
            try await failure(of: .run(["keyturn-no-such-command"]))
                == "keyturn-no-such-command could not be started: it is in no directory of PATH")
        #expect(try await failure(of: .run([])) == "the empty command cannot be run: no program is named")
        #expect(try await failure(of: .run([""])) == "the empty command cannot be run: no program is named")
        #expect(
            try await failure(of: .run(["true", "a\0b"])) == "true cannot be run: an argument holds a NUL character")
    }

    @Test func whatIsNotExecutableSaysSo() async throws {
        let script = try workshop.write("script", "#!/bin/sh\n", mode: 0o644)
        #expect(
            try await failure(of: .run([script]))
                == "\(script) could not be started: it is not executable for this user (chmod +x)")
    }

    @Test func aBadInterpreterSaysSo() async throws {
        let script = try workshop.write("script", "#!/no/such/interpreter\n")
        #expect(try await failure(of: .run([script])).hasSuffix("must name an interpreter that exists"))
    }

    @Test func aFileThatIsNoProgramSaysSo() async throws {
        let script = try workshop.write("script", "no first line for the kernel\n")
        #expect(try await failure(of: .run([script])).contains("could not be started: Exec format error"))
    }

    @Test func aFloodIsReadAndOnlyItsEndKept() async throws {
        let detail = try await failure(of: shell("yes 0123456789 | head -c 20000000; echo; echo the end; exit 1"))
        #expect(detail.hasSuffix(" the end"))
        #expect(workshop.output.joined(separator: "\n").utf8.count <= 8192)
        #expect(workshop.output.count > 500)
        #expect(workshop.logged.contains { $0.message == "consumer output is long, its beginning was dropped" })
    }

    @Test func outputThatIsNoTextDoesNoHarm() async throws {
        let detail = try await failure(of: shell(#"printf '\377\376 broken \0 end'; exit 1"#))
        #expect(detail.hasSuffix(" broken \0 end"))
    }

    @Test func aPrintedConnectionStringIsRemoved() async throws {
        let key = String(repeating: "aB3+", count: 22)
        let script = "echo 'endpoint=https://contoso.invalid/;accesskey=\(key)'; echo 'key \(key)=='; exit 1"
        let detail = try await failure(of: shell(script))
        #expect(detail == "/bin/sh exited 1: endpoint=https://contoso.invalid/;accesskey=<removed> key <removed>")
        #expect(workshop.output.allSatisfy { !$0.contains("aB3+") })
    }
}
