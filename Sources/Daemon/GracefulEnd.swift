import ServiceLifecycle

/// Runs `body` until it ends by itself, or is cancelled `grace` after the shutdown has begun: whoever does not send a request,
/// or read an answer, to its end must not hold up the end of the daemon.
func withGrace(_ grace: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup { group in
        group.addTask { try await body() }
        group.addTask {
            try? await gracefulShutdown()
            try? await Task.sleep(for: grace)
        }
        try await group.next()
        group.cancelAll()
    }
}
