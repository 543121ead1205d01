import FoundationEssentials

/// An admitted call to the data plane of a resource.
struct DataPlaneCall: Sendable {
    let call: Call
    let operation: DataPlaneOperation
    /// The index of the resource.
    let resource: Int
    /// With a slash at its end, as in the connection string.
    let endpoint: String
    let version: String
    let now: Date

    /// The segment with this position in the path, decoded.
    func segment(_ position: Int) -> String {
        let segments = call.pathSegments
        return segments.indices.contains(position) ? segments[position] : ""
    }

    /// A whole number of the query, `fallback` when it is not there.
    func number(_ name: String, in range: ClosedRange<Int>, or fallback: Int) throws(Refused) -> Int {
        guard let text = call.query(name) else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw Refused(
                400, "BadRequest", "\(name) must be from \(range.lowerBound) to \(range.upperBound), not '\(text)'.")
        }
        return number
    }

    func time(_ date: Date) -> String { date.formatted(.iso8601WithMilliseconds) }
}

/// What the data plane of a resource has been told, until the emulator ends.
struct DataPlaneStore: Sendable {
    var rooms: [Room] = []
    var identities: Set<String> = []
    var emails: [String: EmailOperation] = [:]
    /// The message id of each SMS by the id under which its sender may repeat it.
    private(set) var repeatable: [String: String] = [:]
    var phoneNumbers: [PhoneNumber] = []
    var searches: [String: PhoneNumberSearch] = [:]
    var phoneNumberOperations: [String: PhoneNumberOperation] = [:]

    /// A sender that goes on for days does not fill the memory: who repeats a message does so within moments.
    private static let rememberedRepeatable = 100_000

    mutating func remember(_ repeatable: String, _ message: String) {
        if self.repeatable.count >= Self.rememberedRepeatable { self.repeatable = [:] }
        self.repeatable[repeatable] = message
    }
}
