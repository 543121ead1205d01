import KeyMaterial
import Rotation

/// How a `regenerateKey` request ended, with the new connection string: for whoever prints it.
package enum RegenerateAnswer: Hashable, Sendable {
    /// 200 with the regenerated pair; the connection string holds the key.
    case regenerated(KeyType, ConnectionString)
    /// The request provably did not run.
    case notExecuted(Failure)
    /// It may have run, or may still run.
    case ambiguous(Failure)

    /// The same without a secret.
    package var outcome: RegenerateOutcome {
        switch self {
        case .regenerated(let keyType, let connectionString): .regenerated(keyType, connectionString.fingerprint)
        case .notExecuted(let failure): .notExecuted(failure)
        case .ambiguous(let failure): .ambiguous(failure)
        }
    }
}
