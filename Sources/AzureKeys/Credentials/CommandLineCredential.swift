import FoundationEssentials
import Glibc
import KeyMaterial
import NIOCore
import Rotation
import Subprocess

/// Tokens for whoever is signed in to the Azure CLI: for a person who tries things out, not for a server.
struct CommandLineCredential: AccessTokenSource {
    /// nil: the one that the CLI has as its default.
    let tenant: String?
    /// For the command; `PATH`, `HOME` and `AZURE_CONFIG_DIR` matter.
    let environment: [String: String]
    let timeout: Duration
    let clock: AzureClock

    private static let command = "az account get-access-token"
    private static let outputLimit = 1 << 20

    func requestToken(audience: String, claims: String?) async throws(Failure) -> AccessToken {
        guard claims == nil else {
            throw Failure(
                .unauthenticated, "Azure wants the person signed in to the Azure CLI to sign in again; run: az login")
        }
        var arguments = ["account", "get-access-token", "--output", "json", "--scope", audience + "/.default"]
        if let tenant { arguments += ["--tenant", tenant] }
        let ended = try await run(arguments)
        guard ended.isSuccess else { throw refusal(ended.error) }
        return try token(ended.output)
    }

    private struct Ended: Sendable {
        var isSuccess: Bool
        var output: [UInt8]
        var error: String
    }

    private enum Race: Sendable {
        case ended(Result<Ended, Failure>)
        case timerFired
        case timerStopped
    }

    private func run(_ arguments: [String]) async throws(Failure) -> Ended {
        let result = await withTaskGroup(of: Race.self) { group in
            group.addTask { .ended(await start(arguments)) }
            group.addTask {
                do {
                    try await Task.sleep(for: timeout)
                    return .timerFired
                } catch {
                    return .timerStopped
                }
            }
            var timedOut = false
            var result: Result<Ended, Failure> = .failure(Failure(.timeout, "\(Self.command) did not end"))
            for await event in group {
                switch event {
                case .timerFired:
                    timedOut = true
                    // Subprocess answers the cancellation of its task by ending the command.
                    group.cancelAll()
                case .timerStopped: break
                case .ended(let ended):
                    result = ended
                    group.cancelAll()
                }
            }
            if timedOut {
                result = .failure(
                    Failure(.timeout, "\(Self.command) did not end within \(timeout.formattedSeconds)"))
            }
            return result
        }
        return try result.get()
    }

    private func start(_ arguments: [String]) async -> Result<Ended, Failure> {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))
        ]
        var variables = environment
        variables["AZURE_CORE_NO_COLOR"] = "true"
        do {
            let result = try await Subprocess.run(
                .name("az"), arguments: Arguments(arguments),
                environment: .custom(
                    Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) })),
                workingDirectory: Self.literal("/"), platformOptions: options, input: .none,
                output: .bytes(limit: Self.outputLimit), error: .string(limit: 65_536))
            return .success(
                Ended(
                    isSuccess: result.terminationStatus.isSuccess, output: result.standardOutput,
                    error: result.standardError))
        } catch let error as SubprocessError where error.code == .executableNotFound {
            return .failure(Failure(.unauthenticated, "the Azure CLI is not installed: there is no command az"))
        } catch {
            // Nothing of the error's own text: it may hold what the command printed.
            return .failure(Failure(.unauthenticated, "\(Self.command) could not be run"))
        }
    }

    /// A path type of swift-system, which is not a dependency of ours.
    private static func literal<Path: ExpressibleByStringLiteral>(_ path: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: path)
    }

    private func refusal(_ error: String) -> Failure {
        let said = Redaction.clean(error, limit: 300)
        let isSignedOut =
            !error.contains("AADSTS") && (error.contains("az login") || error.contains("az account set"))
        return Failure(
            .unauthenticated,
            isSignedOut
                ? "nobody is signed in to the Azure CLI as this user; run: az login"
                : "\(Self.command) failed: \(said)")
    }

    private func token(_ output: [UInt8]) throws(Failure) -> AccessToken {
        guard let json = JSONValue(ByteBuffer(bytes: output)), let token = json["accessToken"]?.string, !token.isEmpty,
            token.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw Failure(.badResponse, "\(Self.command) printed no access token") }
        // Since Azure CLI 2.54 as a number; before that only in the local time of this machine.
        let end = json["expires_on"]?.number ?? json["expiresOn"]?.string.flatMap(Self.localTime)
        guard let end else { throw Failure(.badResponse, "\(Self.command) did not print how long its token is good") }
        let seconds = end - Double(clock.wall().unixSeconds)
        guard (1...31_536_000).contains(seconds) else {
            throw Failure(.badResponse, "\(Self.command) printed a token that is not good any more")
        }
        return AccessToken(secret: Secret(token), expiresIn: .seconds(Int64(seconds)))
    }

    /// `2026-03-02 01:02:03.000000` on this machine's clock; seconds since 1970.
    static func localTime(_ text: String) -> Double? {
        let numbers = text.split(whereSeparator: { !$0.isNumber }).compactMap { CInt($0) }
        guard numbers.count >= 6, text.utf8.count >= 19 else { return nil }
        var time = tm()
        (time.tm_year, time.tm_mon, time.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
        (time.tm_hour, time.tm_min, time.tm_sec) = (numbers[3], numbers[4], numbers[5])
        time.tm_isdst = -1
        let seconds = mktime(&time)
        return seconds == -1 ? nil : Double(seconds)
    }
}
