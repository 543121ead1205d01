/// Why something could not be had over the system bus.
package enum BusFailure: Error, Hashable, Sendable {
    /// There is no bus, or it went away: a sentence without a capital or a full stop.
    case unavailable(String)
    /// The other side answered with an error, by its D-Bus name such as `org.freedesktop.systemd1.NoSuchUnit`.
    case answered(name: String, message: String)
    case timedOut
    case cancelled
}

extension BusFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unavailable(let cause): cause
        case .answered(let name, let message): message.isEmpty ? name : "\(message) (\(name))"
        case .timedOut: "there was no answer in time"
        case .cancelled: "it was given up"
        }
    }
}
