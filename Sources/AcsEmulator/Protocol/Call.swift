import HTTPTypes

/// A request as it came in.
struct Call: Sendable {
    let method: String
    /// Path and query exactly as on the wire: this is what a signature covers.
    let target: String
    /// The `Host` header.
    let authority: String
    let headers: HTTPFields
    let body: [UInt8]
    /// The address that the client connected to.
    let address: LoopbackAddress

    /// The target without its query, still percent-encoded.
    var path: String { String(target.prefix { $0 != "?" }) }

    /// The decoded parts of the path.
    var pathSegments: [String] {
        path.split(separator: "/").map { PercentEncoding.decode($0) }
    }

    /// A parameter of the query, whose name may be in any case; the first one counts.
    func query(_ name: String) -> String? {
        guard let mark = target.firstIndex(of: "?") else { return nil }
        return FormFields(target[target.index(after: mark)...]).first(name)
    }

    func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }
}

/// Fields in the form `name=value&name=value`, percent-encoded.
struct FormFields: Sendable {
    private let fields: [(name: String, value: String)]

    init(_ text: Substring) {
        fields = text.split(separator: "&").map { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
            return (PercentEncoding.decode(parts[0], plusIsSpace: true).lowercased(), value)
        }
    }

    func first(_ name: String) -> String? {
        fields.first { $0.name == name.lowercased() }?.value
    }
}
