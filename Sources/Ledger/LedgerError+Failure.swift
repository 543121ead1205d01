import Rotation

extension LedgerError {
    /// The error in the form that is shown, stored and acted on.
    package var failure: Failure {
        Failure(.ledgerUnavailable, description)
    }
}
