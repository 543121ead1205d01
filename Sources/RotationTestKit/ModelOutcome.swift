import Rotation

/// What becomes of one `regenerateKey` of a model resource.
package enum ModelOutcome: Sendable {
    /// It runs and is answered.
    case runs
    /// It runs, but the answer is lost.
    case runsUnanswered
    /// It does not run, and neither is that answered.
    case isLost
    /// The answer is lost, and it runs after this time.
    case landsLater(Duration)
    /// It runs and is answered, and a duplicate of the request runs after this time.
    case landsAgain(Duration)
    /// Refused; it provably did not run.
    case refused(Failure)
    /// The other key type changes instead; the answer names what was asked for.
    case changesOther
    /// Both key types change; the answer names what was asked for.
    case changesBoth
    /// Answered with success, with the key as it was.
    case changesNothing
}
