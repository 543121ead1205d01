/// A point on the wall clock: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
///
/// Rotation dates are wall dates, and a sleeping process does not see a wall clock step; so due times are kept as
/// instants and compared with a fresh `now`, never turned into a long sleep.
/// Arithmetic saturates instead of trapping.
package struct Instant: Hashable, Comparable, Sendable {
    @usableFromInline package let unixMicroseconds: Int64

    @inlinable package init(unixMicroseconds: Int64) {
        self.unixMicroseconds = unixMicroseconds
    }

    package init(unixSeconds: Int64) {
        self.init(
            unixMicroseconds: saturating(unixSeconds.multipliedReportingOverflow(by: 1_000_000), like: unixSeconds))
    }

    /// Whole seconds since the epoch, rounded down.
    package var unixSeconds: Int64 {
        let (quotient, remainder) = unixMicroseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return remainder < 0 ? quotient - 1 : quotient
    }

    // All of them, and inlined: those that Comparable would make of the first are three calls each, and there are few
    // things that the rules do as often.

    @inlinable package static func < (left: Instant, right: Instant) -> Bool {
        left.unixMicroseconds < right.unixMicroseconds
    }

    @inlinable package static func > (left: Instant, right: Instant) -> Bool {
        left.unixMicroseconds > right.unixMicroseconds
    }

    @inlinable package static func <= (left: Instant, right: Instant) -> Bool {
        left.unixMicroseconds <= right.unixMicroseconds
    }

    @inlinable package static func >= (left: Instant, right: Instant) -> Bool {
        left.unixMicroseconds >= right.unixMicroseconds
    }

    @inlinable package static func == (left: Instant, right: Instant) -> Bool {
        left.unixMicroseconds == right.unixMicroseconds
    }

    @inlinable package static func + (instant: Instant, duration: Duration) -> Instant {
        let added = duration.wholeMicroseconds
        return Instant(
            unixMicroseconds: saturating(instant.unixMicroseconds.addingReportingOverflow(added), like: added))
    }

    @inlinable package static func - (instant: Instant, duration: Duration) -> Instant {
        let removed = duration.wholeMicroseconds
        return Instant(
            unixMicroseconds: saturating(
                instant.unixMicroseconds.subtractingReportingOverflow(removed), like: removed < 0 ? 1 : -1))
    }

    /// How long after `earlier` this instant is; negative when it is before.
    @inlinable package static func - (later: Instant, earlier: Instant) -> Duration {
        let difference = later.unixMicroseconds.subtractingReportingOverflow(earlier.unixMicroseconds)
        return .microseconds(saturating(difference, like: later < earlier ? -1 : 1))
    }
}

extension Duration {
    /// The duration in microseconds, rounded towards zero, saturated at the limits of `Int64` (± 292,000 years).
    @inlinable package var wholeMicroseconds: Int64 {
        // What `Int64(clamping:)` does, which takes far longer for numbers of this size.
        let microseconds = attoseconds / 1_000_000_000_000
        if microseconds > Int128(Int64.max) { return .max }
        if microseconds < Int128(Int64.min) { return .min }
        return Int64(truncatingIfNeeded: microseconds)
    }
}

@usableFromInline func saturating(_ result: (partialValue: Int64, overflow: Bool), like sign: Int64) -> Int64 {
    result.overflow ? (sign < 0 ? .min : .max) : result.partialValue
}
