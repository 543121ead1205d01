import FoundationEssentials
import Glibc
import KeyMaterial
import NIOPosix
import Rotation
import Testing

@testable import AzureKeys

/// The Azure CLI, as a script that does what it would.
@Suite(.timeLimit(.minutes(15)))
struct CommandLineCredentialTests {
    private static func credential(
        _ directory: TemporaryDirectory, tenant: String? = nil, script: String?, timeout: Duration = .seconds(20)
    ) throws -> CommandLineCredential {
        if let script {
            let path = try directory.write("#!/bin/sh\n\(script)\n", to: "az")
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        }
        return CommandLineCredential(
            tenant: tenant, environment: ["PATH": directory.path + ":/usr/bin:/bin", "HERE": directory.path],
            timeout: timeout, clock: ManualTime().clock)
    }

    private static func failure(_ credential: CommandLineCredential, claims: String? = nil) async -> Failure? {
        do {
            _ = try await credential.requestToken(audience: "https://a.example", claims: claims)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [nil, "contoso.example"])
    func `the command's words, its variables and its token`(tenant: String?) async throws {
        let directory = try TemporaryDirectory()
        let script = """
            printf '%s\\n' "$@" > "$HERE/arguments"
            printf '%s' "$AZURE_CORE_NO_COLOR $(pwd)" > "$HERE/surroundings"
            echo '{"accessToken":"tok","expires_on":\(Fixture.now.unixSeconds + 100),"tokenType":"Bearer"}'
            """
        let credential = try Self.credential(directory, tenant: tenant, script: script)
        let token = try await credential.requestToken(audience: "https://a.example", claims: nil)
        #expect(token == AccessToken(secret: Secret("tok"), expiresIn: .seconds(100)))
        func content(_ name: String) throws -> String {
            try String(contentsOf: URL(filePath: "\(directory.path)/\(name)"), encoding: .utf8)
        }
        #expect(
            try content("arguments").split(separator: "\n").map(String.init)
                == ["account", "get-access-token", "--output", "json", "--scope", "https://a.example/.default"]
                + (tenant.map { ["--tenant", $0] } ?? []))
        #expect(try content("surroundings") == "true /")
    }

    @Test
    func `an old CLI says the end in local time`() throws {
        var time = tm()
        (time.tm_year, time.tm_mon, time.tm_mday, time.tm_hour, time.tm_isdst) = (126, 2, 2, 1, -1)
        let expected = Double(mktime(&time)) + 123
        #expect(CommandLineCredential.localTime("2026-03-02 01:02:03.123456") == expected)
        #expect(CommandLineCredential.localTime("2026-03-02") == nil)
        #expect(CommandLineCredential.localTime("") == nil)
    }

    @Test(
        arguments: [
            ("echo 'Please run az login to setup account.' >&2; exit 1", "run: az login"),
            ("echo 'ERROR: AADSTS50173: run az login' >&2; exit 1", "AADSTS50173"),
            ("echo \"ERROR: eyJhbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkifQ.not-to-be-shown\" >&2; exit 3", "<redacted>"),
            ("echo '{}'", "no access token"), ("echo nonsense", "no access token"),
            (#"echo '{"accessToken":"tok"}'"#, "how long"),
            (#"echo '{"accessToken":"tok","expires_on":1772413000}'"#, "not good any more"),
        ])
    func `what goes wrong says what to do`(script: String, words: String) async throws {
        let directory = try TemporaryDirectory()
        let failure = try #require(await Self.failure(try Self.credential(directory, script: script)))
        #expect(failure.detail.contains(words), "\(failure.detail)")
        #expect(!failure.detail.contains("not-to-be-shown"))
    }

    @Test
    func `a CLI that is not there, that hangs, and one that is asked for claims`() async throws {
        let directory = try TemporaryDirectory()
        let absent = CommandLineCredential(
            tenant: nil, environment: ["PATH": directory.path], timeout: .seconds(20), clock: ManualTime().clock)
        #expect(await Self.failure(absent)?.detail.contains("not installed") == true)
        let hangs = try Self.credential(directory, script: "exec sleep 60", timeout: .milliseconds(300))
        #expect(await Self.failure(hangs)?.reason == .timeout)
        let challenged = try Self.credential(directory, script: "touch \"$HERE/called\"")
        #expect(await Self.failure(challenged, claims: "{}")?.detail.contains("az login") == true)
        #expect(!FileManager.default.fileExists(atPath: directory.path + "/called"))
    }
}
