/// The faults in force, and how often each has struck.
struct FaultTable: Sendable {
    private struct Entry: Sendable {
        let fault: EmulatorFault
        let resourceIndex: Int?
        var strikes = 0

        func fits(_ name: EmulatorFaultName, _ operation: EmulatedOperation, resource: Int?) -> Bool {
            guard fault.name == name, strikes < fault.count ?? .max, name.operations.contains(operation),
                fault.operation == nil || fault.operation == operation
            else { return false }
            return resourceIndex == nil || resourceIndex == resource
        }
    }

    /// A fault as it is shown: with what is left of its count.
    struct Shown: Codable, Sendable {
        let name: EmulatorFaultName
        let value: Int?
        let resource: String?
        let operation: EmulatedOperation?
        let count: Int?
        let strikes: Int
    }

    private var entries: [Entry] = []

    var shown: [Shown] {
        entries.map {
            Shown(
                name: $0.fault.name, value: $0.fault.value, resource: $0.fault.resource, operation: $0.fault.operation,
                count: $0.fault.count, strikes: $0.strikes)
        }
    }

    /// Takes the place of all faults, or changes nothing when one is malformed.
    ///
    /// - Parameter resources: the index of the resource that is meant by a text.
    mutating func replace(
        _ faults: [EmulatorFault], in resources: (String) -> Int?
    ) throws(EmulatorFault.Malformed) {
        var replacement: [Entry] = []
        for fault in faults {
            try fault.validate()
            var index: Int?
            if let text = fault.resource {
                guard let known = resources(text) else {
                    throw EmulatorFault.Malformed(
                        description: "\(fault.name.rawValue): there is no resource '\(text)' in this emulator")
                }
                index = known
            }
            replacement.append(Entry(fault: fault, resourceIndex: index))
        }
        entries = replacement
    }

    /// Whether a fault of this kind would strike; none has struck by being asked for.
    func isInForce(_ name: EmulatorFaultName, _ operation: EmulatedOperation, resource: Int?) -> Bool {
        entries.contains { $0.fits(name, operation, resource: resource) }
    }

    /// The value of the first fault of this kind that fits, which has then struck once more; nil when none fits.
    mutating func strike(_ name: EmulatorFaultName, _ operation: EmulatedOperation, resource: Int?) -> Int? {
        guard let position = entries.firstIndex(where: { $0.fits(name, operation, resource: resource) }) else {
            return nil
        }
        entries[position].strikes += 1
        return entries[position].fault.effectiveValue
    }
}
