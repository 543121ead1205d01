/// What the owner of a resource decides about it.
struct ResourceFacts: Equatable, Sendable {
    var tags: [String: String] = [:]
    var location = "global"
    var dataLocation = "United States"
    /// The data plane takes no key any more, only tokens.
    var disableLocalAuth = false
    var publicNetworkAccess = "Enabled"
    var linkedDomains: [String] = []
}
