import NIOCore
import NIOPosix
import Rotation

/// Runs what blocks (fsync, SQLite) on a thread of its own, so that it never holds up the cooperative pool.
func blocking<Value: Sendable>(
    _ otherwise: Reason, _ body: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
    let result: Result<Value, Failure>
    do {
        // Not the form that a cancelled task gets no answer from: what was learnt is kept to the end.
        result = try await NIOThreadPool.singleton.runIfActive(
            eventLoop: MultiThreadedEventLoopGroup.singleton.any()
        ) {
            do throws(Failure) {
                return .success(try body())
            } catch {
                return .failure(error)
            }
        }.get()
    } catch {
        throw Failure(otherwise, "the daemon is ending; it was not begun")
    }
    return try result.get()
}
