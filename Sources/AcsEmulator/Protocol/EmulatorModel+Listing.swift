import FoundationEssentials

extension EmulatorModel {
    mutating func listSubscriptions(_ exchange: inout Exchange) -> Reply {
        do throws(Refused) {
            let first = try firstOfPage(exchange.call)
            exchange.entry.executed = true
            let rest = resources.subscriptions.indices.filter { $0 >= first }
            let names = resources.subscriptions
            let page = rest.prefix(configuration.pageSize).map {
                SubscriptionBody(
                    id: "/subscriptions/\(names[$0])", subscriptionId: names[$0], displayName: "Emulated",
                    state: "Enabled", tenantId: configuration.tenantID)
            }
            return .json(200, ListBody(value: page, nextLink: nextLink(after: rest, exchange.call)))
        } catch {
            return error.reply
        }
    }

    /// The resources of a subscription or of one resource group, in pages, so that a client that forgets `nextLink` is
    /// found out.
    mutating func list(_ exchange: inout Exchange, _ subscription: String, _ group: String?, now: Date) -> Reply {
        do throws(Refused) {
            let first = try firstOfPage(exchange.call)
            exchange.entry.executed = true
            let inScope = resources.live.filter { index in
                let id = resources.resources[index].id
                return index >= first && id.subscription.lowercased() == subscription.lowercased()
                    && (group == nil || id.resourceGroup.lowercased() == group?.lowercased())
            }
            let rest = inScope.filter { faults.strike(.unlisted, .list, resource: $0) == nil }
            if rest.count < inScope.count { exchange.entry.faults.append(.unlisted) }
            let version = exchange.call.query("api-version") ?? ""
            let page = rest.prefix(configuration.pageSize).map { body(of: $0, version: version, now: now) }
            return .json(200, ListBody(value: page, nextLink: nextLink(after: rest, exchange.call)))
        } catch {
            return error.reply
        }
    }

    private func firstOfPage(_ call: Call) throws(Refused) -> Int {
        guard let text = call.query("$skipToken") else { return 0 }
        guard let token = SkipToken(text) else {
            throw Refused(
                400, "InvalidSkipToken", "The $skipToken '\(text)' is not one of a nextLink of this emulator.")
        }
        return token.next
    }

    /// - Parameter rest: what is on this page, and what is left.
    private func nextLink(after rest: [Int], _ call: Call) -> String? {
        guard rest.count > configuration.pageSize else { return nil }
        let version = call.query("api-version") ?? ""
        let token = SkipToken(next: rest[configuration.pageSize - 1] + 1).text
        return "\(origin)\(call.path)?api-version=\(version)&%24skiptoken=\(token)"
    }
}

/// Where the next page begins. It names an entry, not a count: a resource that goes away between two pages makes the
/// list skip none.
private struct SkipToken {
    private static let prefix = "next/"
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
