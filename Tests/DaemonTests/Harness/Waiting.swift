/// Looks every few milliseconds until `look` finds something, which is returned; bounded, for processes and sockets.
@discardableResult
func eventually<Found>(
    _ what: @autoclosure () -> String, within limit: Duration = .seconds(180),
    every pause: Duration = .milliseconds(15),
    isolation: isolated (any Actor)? = #isolation, _ look: () async throws -> Found?
) async throws -> Found {
    let deadline = ContinuousClock.now.advanced(by: limit)
    while true {
        if let found = try await look() { return found }
        guard ContinuousClock.now < deadline else { throw TestError("\(what()): not within \(limit)") }
        try await Task.sleep(for: pause)
    }
}

extension Bool {
    /// For `eventually`: something when true.
    var asFound: Void? { self ? () : nil }
}
