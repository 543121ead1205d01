import Glibc

/// How often each fault strikes in one world.
package struct FaultPlan: Sendable {
    private var rates: [Double]

    /// Nothing goes wrong.
    package init() {
        rates = Array(repeating: 0, count: Fault.allCases.count)
    }

    /// A random subset, each at a random rate around its usual one.
    package init(random: inout SeededRandom) {
        self.init()
        // A few worlds are nearly calm, a few nearly hell.
        let share = 0.05 + 0.6 * random.fraction()
        for fault in Fault.allCases {
            let isOn = random.chance(share)
            let factor = pow(10, 1.6 * random.fraction() - 0.8)
            if isOn { rates[fault.rawValue] = min(0.9, fault.usualRate * factor) }
        }
    }

    /// For faults of calls a probability, for the others a number of times a year.
    package subscript(fault: Fault) -> Double {
        get { rates[fault.rawValue] }
        set { rates[fault.rawValue] = newValue }
    }

    package var active: [Fault] { Fault.allCases.filter { self[$0] > 0 } }
}
