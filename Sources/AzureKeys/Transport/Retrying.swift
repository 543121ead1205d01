import Rotation

/// How a call that may be repeated goes on after a failure.
struct Retrying: Sendable {
    let clock: AzureClock
    /// Tries in all.
    let tries: Int
    /// A longer `Retry-After` is left to the caller.
    let longestWait: Duration

    /// One try's failure, and whether another try makes sense.
    struct Setback: Error {
        var failure: Failure
        var mayRetry: Bool
    }

    /// Makes the call until it succeeds, the tries are used up, or waiting is not worth it.
    func callAsFunction<Answer>(
        _ attempt: (Int) async throws(Setback) -> Answer
    ) async throws(Failure) -> Answer {
        var number = 1
        while true {
            let failure: Failure
            do {
                return try await attempt(number)
            } catch {
                guard error.mayRetry, number < tries, !Task.isCancelled else { throw error.failure }
                failure = error.failure
            }
            guard let wait = wait(after: number, failure) else { throw failure }
            do {
                try await clock.sleep(wait)
            } catch {
                throw failure
            }
            number += 1
        }
    }

    /// The server's wish when it is short enough, else 0.8 s, 1.6 s, … less up to half of it.
    private func wait(after number: Int, _ failure: Failure) -> Duration? {
        if let retryAfter = failure.retryAfter { return retryAfter <= longestWait ? retryAfter : nil }
        let full = 0.8 * Double(1 << min(number - 1, 6))
        return .milliseconds(Int64(full * 1000 * (1 - 0.5 * clock.jitter())))
    }
}
