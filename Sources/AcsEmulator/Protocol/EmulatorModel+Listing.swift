import FoundationEssentials

/// Lists, in pages, so that a client that forgets `nextLink` is found out.
extension EmulatorModel {
    mutating func listSubscriptions(_ exchange: inout Exchange) -> Reply {
        let first: String?
        do throws(Refused) {
            first = try SkipToken.place("subscriptions", exchange.call) { resources.hasSubscription($0) ? $0 : nil }
        } catch {
            return error.reply
        }
        exchange.entry.executed = true
        let rest = resources.subscriptions.filter { $0 >= first ?? "" }
        let (page, nextLink) = page("subscriptions", rest, exchange.call)
        let bodies = page.map {
            SubscriptionBody(
                id: "/subscriptions/\($0)", subscriptionId: $0, displayName: "Emulated", state: "Enabled",
                tenantId: configuration.tenantID)
        }
        return .json(200, ListBody(value: bodies, nextLink: nextLink))
    }

    /// The resources of a subscription or of one resource group.
    mutating func list(_ exchange: inout Exchange, _ subscription: String, _ group: String?, now: Date) -> Reply {
        let first: Int?
        do throws(Refused) {
            first = try SkipToken.place("communicationServices", exchange.call) { text in
                Int(text).flatMap { resources.resources.indices.contains($0) ? $0 : nil }
            }
        } catch {
            return error.reply
        }
        exchange.entry.executed = true
        let inScope = resources.live.filter { index in
            let id = resources.resources[index].id
            return index >= first ?? 0 && id.subscription.lowercased() == subscription.lowercased()
                && (group == nil || id.resourceGroup.lowercased() == group?.lowercased())
        }
        var rest: [Int] = []
        // One more than the page tells whether there is a next; what is behind it is struck when its own page is asked for.
        for index in inScope where rest.count <= configuration.pageSize {
            if faults.strike(.unlisted, .list, resource: index) == nil {
                rest.append(index)
            } else if !exchange.entry.faults.contains(.unlisted) {
                exchange.entry.faults.append(.unlisted)
            }
        }
        let (page, nextLink) = page("communicationServices", rest, exchange.call)
        let version = exchange.call.query("api-version") ?? ""
        return .json(200, ListBody(value: page.map { body(of: $0, version: version, now: now) }, nextLink: nextLink))
    }

    private func page<Place>(_ kind: String, _ rest: [Place], _ call: Call) -> ([Place], nextLink: String?) {
        let page = Array(rest.prefix(configuration.pageSize))
        guard page.count < rest.count else { return (page, nil) }
        let token = SkipToken.text(kind, rest[page.count])
        let version = call.query("api-version") ?? ""
        return (page, "\(origin)\(call.path)?api-version=\(version)&%24skiptoken=\(token)")
    }
}

/// Where the next page of a list begins. It names an entry, not a count: an entry that goes away between two pages makes
/// the list skip none.
private enum SkipToken {
    static func text<Place>(_ kind: String, _ place: Place) -> String {
        Base64URL.encode(Data("\(kind)/\(place)".utf8))
    }

    /// nil when the call is for the first page.
    ///
    /// - Parameter read: the place that is written like this, or nil for none.
    static func place<Place>(
        _ kind: String, _ call: Call, _ read: (String) -> Place?
    ) throws(Refused) -> Place? {
        guard let text = call.query("$skipToken") else { return nil }
        guard let bytes = Base64URL.decode(text), let plain = String(bytes: bytes, encoding: .utf8),
            plain.hasPrefix("\(kind)/"), let place = read(String(plain.dropFirst(kind.count + 1)))
        else {
            throw Refused(
                .error(
                    400, "InvalidSkipToken", "The $skipToken '\(text)' is not one of a nextLink of this emulator."))
        }
        return place
    }
}
