import AcsEmulator
import FoundationEssentials
import Glibc
import Testing

/// How one run of a command ended, and what it printed.
struct CommandResult {
    let status: Int32
    let output: String
    let errors: String
}

extension Lab {
    /// `keyturn` as it was built beside these tests.
    static let program: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/keyturn"
    }()

    func environment(_ more: [String: String] = [:]) -> [String: String] {
        [
            "PATH": "/usr/bin:/bin", "HOME": directory, "LANG": "C.UTF-8",
            "AZURE_POD_IDENTITY_AUTHORITY_HOST": emulator.origin,
        ].merging(more) { $1 }
    }

    /// Runs `keyturn ARGUMENTS --config …` to its end. What it printed stays in the lab, for `expectNoLeak`.
    ///
    /// - Parameter printsKeys: standard output is expected to have keys in it.
    func keyturn(
        _ arguments: String..., input: String? = nil, printsKeys: Bool = false, environment more: [String: String] = [:]
    ) async throws -> CommandResult {
        try await keyturn(arguments, input: input, printsKeys: printsKeys, environment: more)
    }

    func keyturn(
        _ arguments: [String], input: String? = nil, printsKeys: Bool = false, environment more: [String: String] = [:]
    ) async throws -> CommandResult {
        let run = "\(directory)/run-\(UInt32.random(in: 0 ... .max))-"
        let output = run + "output" + (printsKeys ? Self.secretSuffix : "")
        if let input { try write(input, to: run + "input") }
        let child = try ChildProcess(
            Self.program, arguments + ["--config", configurationPath], environment: environment(more),
            input: input == nil ? "/dev/null" : run + "input", output: output, errors: run + "errors")
        do {
            let ending = try await child.waited()
            guard case .exited(let status) = ending else { throw TestError("keyturn \(arguments): \(ending)") }
            return CommandResult(
                status: status, output: text(of: output) ?? "", errors: text(of: run + "errors") ?? "")
        } catch {
            await child.end()
            throw error
        }
    }
}
