import FoundationEssentials

extension EmulatorModel {
    /// The resources of a subscription or of one resource group, in pages, so that a client that forgets `nextLink` is
    /// found out.
    mutating func list(_ exchange: inout Exchange, _ subscription: String, _ group: String?) -> Reply {
        let version = exchange.call.query("api-version") ?? ""
        var first = 0
        if let text = exchange.call.query("$skipToken") {
            guard let token = SkipToken(text) else {
                return .error(
                    400, "InvalidSkipToken", "The $skipToken '\(text)' is not one of a nextLink of this emulator.")
            }
            first = token.next
        }
        exchange.entry.executed = true
        let rest = resources.resources.indices.filter { index in
            let id = resources.resources[index].id
            return index >= first && id.subscription.lowercased() == subscription.lowercased()
                && (group == nil || id.resourceGroup.lowercased() == group?.lowercased())
        }
        let page = rest.prefix(configuration.pageSize)
        var nextLink: String?
        if let last = page.last, page.count < rest.count {
            nextLink =
                "\(origin)\(exchange.call.path)?api-version=\(version)&%24skiptoken=\(SkipToken(next: last + 1).text)"
        }
        return .json(200, ListBody(value: page.map { body(of: $0, version: version) }, nextLink: nextLink))
    }
}

/// Where the next page begins. It names a resource, not a count: a resource that goes away between two pages makes the
/// list skip none.
private struct SkipToken {
    private static let prefix = "communicationServices/"
    let next: Int

    init(next: Int) {
        self.next = next
    }

    init?(_ text: String) {
        guard let bytes = Base64URL.decode(text), let plain = String(bytes: bytes, encoding: .utf8),
            plain.hasPrefix(Self.prefix), let next = Int(plain.dropFirst(Self.prefix.count)), next >= 0
        else { return nil }
        self.next = next
    }

    var text: String { Base64URL.encode(Data("\(Self.prefix)\(next)".utf8)) }
}
