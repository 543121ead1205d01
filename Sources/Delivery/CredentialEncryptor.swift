import KeyMaterial
import Rotation
import Subprocess

/// Makes encrypted credentials by systemd-creds(1), which takes the host's key, the TPM2 or both.
package struct CredentialEncryptor: Sendable {
    private let program: String

    /// - Parameter program: the path of systemd-creds(1).
    package init(program: String = "/usr/bin/systemd-creds") {
        self.program = program
    }

    /// The credential for `LoadCredentialEncrypted=`, which is no secret any more. The secret goes through a pipe.
    ///
    /// - Parameter key: for `--with-key=`.
    package func encrypt(_ secret: Secret, name: String, key: String) async throws(Failure) -> [UInt8] {
        let bytes = secret.withExposedText { Array($0.utf8) }
        let failure: String
        do {
            let result = try await Subprocess.run(
                .path(CommandRunner.literal(program)),
                arguments: ["encrypt", "--name=\(name)", "--with-key=\(key)", "-", "-"],
                environment: .custom(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"]),
                input: .array(bytes), output: .bytes(limit: 1 << 20), error: .string(limit: 1 << 16))
            guard let end = CommandRunner.failure(result.terminationStatus) else { return result.standardOutput }
            let said = result.standardError.split(separator: "\n").suffix(2).map {
                SecretFilter.filtered(String($0))
            }
            failure = ([end] + said).joined(separator: ": ")
        } catch {
            failure = CommandRunner.failure(error, program)
        }
        throw Failure(.deliveryFailed, "\(program) \(failure)")
    }
}
