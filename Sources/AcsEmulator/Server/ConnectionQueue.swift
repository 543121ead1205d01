import Synchronization

/// Hands accepted connections from the event loops to the task that serves them.
///
/// A connection whose channel is set up must be served, or NIO traps. So, unlike the sequence that NIO's own listener
/// gives, this queue loses none when the serving task is cancelled: it ends only when it is closed and every connection
/// that was begun has been handed over.
final class ConnectionQueue: Sendable {
    private struct Content {
        var waiting: [ConnectionChannel.Value] = []
        var beingSetUp = 0
        var closed = false
        var server: CheckedContinuation<Void, Never>?

        /// Whether `next` has something to say.
        var ready: Bool { !waiting.isEmpty || closed && beingSetUp == 0 }
    }

    private let content = Mutex(Content())

    /// Announces a connection; false when no more are taken.
    func begin() -> Bool {
        content.withLock { content in
            guard !content.closed else { return false }
            content.beingSetUp += 1
            return true
        }
    }

    /// Ends what `begin` announced: with a connection, or with none when it could not be set up.
    func end(_ connection: ConnectionChannel.Value?) {
        change { content in
            content.beingSetUp -= 1
            if let connection { content.waiting.append(connection) }
        }
    }

    func close() {
        change { $0.closed = true }
    }

    /// The next connection; nil when there will be none any more. Takes no notice of cancellation; one caller at a
    /// time.
    func next() async -> ConnectionChannel.Value? {
        await withCheckedContinuation { continuation in
            let ready = content.withLock { content in
                if !content.ready { content.server = continuation }
                return content.ready
            }
            if ready { continuation.resume() }
        }
        return content.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    }

    private func change(_ body: (inout Content) -> Void) {
        let server = content.withLock { content -> CheckedContinuation<Void, Never>? in
            body(&content)
            guard content.ready else { return nil }
            defer { content.server = nil }
            return content.server
        }
        server?.resume()
    }
}
