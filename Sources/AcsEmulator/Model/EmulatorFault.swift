/// Something that goes wrong on purpose.
///
/// A fault strikes only calls that are well-formed and carry valid credentials (calls for a token are struck before
/// their credentials are looked at), and goes on until it is replaced or has struck `count`
/// times. Of several faults of one kind, the first that fits strikes.
package struct EmulatorFault: Codable, Hashable, Sendable {
    package var name: EmulatorFaultName
    /// What `EmulatorFaultName.unit` says; nil for the default of that kind.
    package var value: Int?
    /// A name, `SUBSCRIPTION/GROUP/NAME` or an ARM id; nil for every resource.
    package var resource: String?
    /// nil for every operation that this kind can strike.
    package var operation: EmulatedOperation?
    /// How many times it strikes; nil for always.
    package var count: Int?

    package init(
        _ name: EmulatorFaultName, _ value: Int? = nil, resource: String? = nil, operation: EmulatedOperation? = nil,
        count: Int? = nil
    ) {
        self.name = name
        self.value = value
        self.resource = resource
        self.operation = operation
        self.count = count
    }

    /// Why a fault is refused; a sentence for the person who asked for it.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Checks all but whether the resource exists.
    func validate() throws(Malformed) {
        if let value, !name.values.contains(value) {
            throw Malformed(description: "\(name.rawValue)=\(value): \(name.expectation)")
        }
        if value == nil, name.defaultValue == nil {
            throw Malformed(description: "\(name.rawValue) needs a value: \(name.expectation)")
        }
        if let operation, !name.operations.contains(operation) {
            let possible = name.operations.map(\.rawValue).joined(separator: ", ")
            throw Malformed(
                description: "\(name.rawValue) cannot strike \(operation.rawValue): it strikes \(possible)")
        }
        if let count, count < 1 {
            throw Malformed(description: "\(name.rawValue): count=\(count) must be 1 or more")
        }
    }

    /// The value to go by.
    var effectiveValue: Int { value ?? name.defaultValue ?? 0 }
}
