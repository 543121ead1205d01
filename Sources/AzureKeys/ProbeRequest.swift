/// A read-only call to the data plane whose only purpose is to be let in.
package struct ProbeRequest: Hashable, Sendable {
    /// Path and query exactly as sent and signed.
    package let pathAndQuery: String

    /// - Parameter pathAndQuery: `/path?query`, percent-encoded.
    package init?(pathAndQuery: String) {
        guard pathAndQuery.hasPrefix("/"), !pathAndQuery.hasPrefix("//"),
            pathAndQuery.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !"#\"<>\\^`{|}".utf8.contains($0) })
        else { return nil }
        self.pathAndQuery = pathAndQuery
    }

    private init(trusted pathAndQuery: String) {
        self.pathAndQuery = pathAndQuery
    }

    /// Lists the rooms: no personal data in the answer of most resources, and fast.
    package static let rooms = ProbeRequest(trusted: "/rooms?api-version=2023-06-14")
    /// Lists one phone number, for clouds without rooms.
    package static let phoneNumbers = ProbeRequest(trusted: "/phoneNumbers?skip=0&top=1&api-version=2022-12-01")
}
