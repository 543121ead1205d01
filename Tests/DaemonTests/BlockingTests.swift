import Rotation
import Synchronization
import Testing

@testable import Daemon

@Suite struct BlockingTests {
    private final class Runs: Sendable {
        let count = Mutex(0)
    }

    @Test func `what is to be kept is kept by a cancelled task too`() async {
        let runs = Runs()
        await withDiscardingTaskGroup { group in
            group.cancelAll()
            group.addTask {
                #expect(Task.isCancelled)
                try? await blocking(.ledgerUnavailable) { () throws(Failure) in runs.count.withLock { $0 += 1 } }
            }
        }
        #expect(runs.count.withLock { $0 } == 1)
    }
}
