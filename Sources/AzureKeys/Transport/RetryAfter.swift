import NIOHTTP1
import Rotation

/// How long the other side asks to be left alone, as azure-core reads it: `Retry-After` in seconds or as a date, then
/// the two headers in milliseconds.
enum RetryAfter {
    /// nil when no header says anything sensible. Never negative, and at most a day.
    static func read(_ headers: HTTPHeaders, now: Instant) -> Duration? {
        if let text = headers.first(name: "retry-after") {
            if let seconds = Double(text), seconds.isFinite {
                return bounded(.milliseconds(milliseconds(seconds * 1000)))
            }
            // The server's own clock, so that the skew of this machine's cancels out.
            let now = headers.first(name: "date").flatMap(HTTPDate.parse) ?? now
            if let instant = HTTPDate.parse(text) { return bounded(instant - now) }
        }
        for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
            if let text = headers.first(name: name), let value = Double(text), value.isFinite {
                return bounded(.milliseconds(milliseconds(value)))
            }
        }
        return nil
    }

    private static func milliseconds(_ value: Double) -> Int64 {
        Int64(min(max(value, 0), 86_400_000))
    }

    private static func bounded(_ duration: Duration) -> Duration {
        min(max(duration, .zero), .seconds(86_400))
    }
}
