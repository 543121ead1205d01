import Glibc
import Simulation
import Synchronization

/// Faults by chance.
final class DiskFaultDice: Sendable {
    private let random: Mutex<DiskRandom>
    private let once: Int

    /// One in so many calls fails.
    init(seed: UInt64, once: Int) {
        random = Mutex(DiskRandom(seed: seed))
        self.once = once
    }

    func fault(_ operation: ModelDiskOperation) -> ModelDiskFault? {
        random.withLock { random in
            guard random.once(in: once) else { return nil }
            switch operation {
            case .write where random.once(in: 2):
                return .writesOnly(Int.random(in: 1...50, using: &random))
            case .write, .create, .makeDirectory, .makeLink:
                return .fails(random.pick([ENOSPC, EDQUOT, EIO]))
            case .rename where random.once(in: 2):
                return .isDoneButFails(EIO)
            default:
                return .fails(EIO)
            }
        }
    }
}
