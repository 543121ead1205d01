import CSystemd
import Glibc

/// Ends what blocks on a thread of its own: a descriptor that becomes readable, and stays so (eventfd(2)).
final class StopSignal: Sendable {
    let descriptor: Int32

    /// nil when there are no more descriptors.
    init?() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    func raise() { _ = eventfd_write(descriptor, 1) }
}

/// Runs what blocks for long on a thread that is made for it, so that it takes none of the few that all others share.
/// When the task is cancelled the signal is raised, upon which `body` has to end. nil when there is no thread to be had.
func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable (StopSignal) -> Value) async -> Value? {
    guard let stop = StopSignal() else { return nil }
    return await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            let work = Work { continuation.resume(returning: body(stop)) }
            if !work.start() { continuation.resume(returning: nil) }
        }
    } onCancel: {
        stop.raise()
    }
}

private final class Work: Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    func start() -> Bool {
        let retained = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, retained.toOpaque())
        guard failure == 0 else {
            retained.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
