import Rotation

extension Reason {
    /// It usually passes by itself: it is tried again, and somebody is needed only when it lasts.
    package var usuallyPasses: Bool {
        switch self {
        case .conflict, .throttled, .azureUnavailable, .unreachable, .timeout, .keyDenied, .probeUnreachable,
            .undecided:
            true
        default: false
        }
    }
}
