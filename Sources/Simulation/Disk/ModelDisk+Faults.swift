import Synchronization

extension ModelDisk {
    /// Stops the world at the n-th of the coming calls that change something (1: the next one), whether that call
    /// succeeds or not. The call is carried out or not, and it and every later one throw `EIO` and do nothing, until
    /// `powerFailure` or `processKilled` tells which of the two it was.
    package func crash(atChangingCall number: Int, isDone: Bool) {
        state.withLock { $0.faults.crash(atCall: number, isDone: isDone) }
    }

    /// Whether the crash has come that `crash` announced.
    package var hasCrashed: Bool { state.withLock { $0.faults.hasCrashed } }

    /// Before each call `decide` is asked whether it fails; nil: none does any more. It must not use the disk.
    package func decideFaults(_ decide: (@Sendable (ModelDiskOperation) -> ModelDiskFault?)?) {
        state.withLock { $0.faults.decide(decide) }
    }

    /// Whether a failed fsync of a directory leaves its names to chance until the directory is changed and synced
    /// again, as one of a file leaves its content. Off at first: a journalling file system stops instead.
    package func setFailedSyncLosesNames(_ loses: Bool) {
        state.withLock { $0.faults.failedSyncLosesNames = loses }
    }

    /// How many calls were made that could change something, those that failed included.
    package var changingCalls: Int { state.withLock { $0.changingCalls } }

    /// The machine lost its power and is up again. Every descriptor is invalid; what was not synced is as chance wants.
    package func powerFailure(_ random: inout some RandomNumberGenerator, order: ModelDiskOrder = .any) {
        state.withLock { state in
            state.faults.endCrash()
            state.powerFailure(order, &random)
        }
    }

    /// The process ended: its descriptors are closed, nothing else is lost.
    package func processKilled() {
        state.withLock { state in
            state.faults.endCrash()
            state.closeAll()
        }
    }

    /// How many descriptors are open: none between two calls of a well-behaved caller.
    package var openDescriptors: Int { state.withLock { $0.openDescriptors } }
}
