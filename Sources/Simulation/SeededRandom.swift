import Glibc
import Rotation

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed, on every machine.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, 1.
    package mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// True in `probability` of the cases.
    package mutating func chance(_ probability: Double) -> Bool {
        probability > 0 && fraction() < probability
    }

    /// A number from 0 up to, not including, `count`.
    package mutating func below(_ count: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(count)).high)
    }

    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// A duration between the two, evenly.
    package mutating func duration(_ range: ClosedRange<Duration>) -> Duration {
        let low = range.lowerBound.wholeMicroseconds
        let span = range.upperBound.wholeMicroseconds - low
        return .microseconds(low + Int64(fraction() * Double(span)))
    }

    /// A waiting time with that mean, as of events that come independently of each other.
    package mutating func exponential(mean: Duration) -> Duration {
        .microseconds(Int64(-log(1 - fraction()) * Double(mean.wholeMicroseconds)))
    }
}
