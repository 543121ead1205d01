import SecretsDirectory

/// What is to go wrong on a `ModelDisk`.
struct ModelDiskFaults {
    enum Fate {
        case goesWell
        case fault(ModelDiskFault)
        /// The machine or the process stops at this call, or has stopped before.
        case crash(isDone: Bool)
    }

    private(set) var hasCrashed = false
    /// At which of the coming calls that change something the crash comes; 1 is the next one.
    private var callsToCrash: Int?
    private var crashingCallIsDone = false
    private var decide: (@Sendable (ModelDiskOperation) -> ModelDiskFault?)?
    /// Whether a call has to ask for its fate.
    private(set) var isArmed = false
    /// What a write may take while it is carried out.
    var writeLimit: Int?
    /// How an fsync ends while it is carried out.
    var syncFailure: SystemError?
    /// Whether a directory whose fsync failed has lost the names that were not yet written, as a file its content.
    var failedSyncLosesNames = false

    mutating func crash(atCall number: Int, isDone: Bool) {
        callsToCrash = number
        crashingCallIsDone = isDone
        isArmed = true
    }

    mutating func decide(_ decide: (@Sendable (ModelDiskOperation) -> ModelDiskFault?)?) {
        self.decide = decide
        isArmed = hasCrashed || callsToCrash != nil || decide != nil
    }

    /// The process that crashed is gone.
    mutating func endCrash() {
        hasCrashed = false
        callsToCrash = nil
        isArmed = decide != nil
    }

    mutating func fate(of operation: ModelDiskOperation) -> Fate {
        if hasCrashed { return .crash(isDone: false) }
        if operation.changes, let left = callsToCrash {
            callsToCrash = left - 1
            if left <= 1 {
                callsToCrash = nil
                hasCrashed = true
                return .crash(isDone: crashingCallIsDone)
            }
        }
        return decide?(operation).map { .fault($0) } ?? .goesWell
    }
}
