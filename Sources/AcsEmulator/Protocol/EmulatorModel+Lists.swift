import FoundationEssentials

/// Lists, in pages, so that a client that forgets `nextLink` is found out.
extension EmulatorModel {
    mutating func listSubscriptions(_ exchange: inout Exchange) -> Reply {
        exchange.entry.executed = true
        let subscriptions = resources.subscriptions.map {
            SubscriptionBody(
                id: "/subscriptions/\($0)", subscriptionId: $0, displayName: "Emulated", state: "Enabled",
                tenantId: configuration.tenantID)
        }
        let (page, nextLink) = page(of: subscriptions, exchange.call)
        return .json(200, ListBody(value: Array(page), nextLink: nextLink))
    }

    mutating func list(_ exchange: inout Exchange, _ subscription: String, _ group: String?) -> Reply {
        exchange.entry.executed = true
        let inScope = resources.present.filter {
            let id = resources.resources[$0].id
            return id.subscription.lowercased() == subscription.lowercased()
                && (group == nil || id.resourceGroup.lowercased() == group?.lowercased())
        }
        let listed = inScope.filter { faults.strike(.unlisted, .list, resource: $0) == nil }
        if listed.count < inScope.count { exchange.entry.faults.append(.unlisted) }
        let version = exchange.call.query("api-version") ?? ""
        let (page, nextLink) = page(of: listed, exchange.call)
        return .json(200, ListBody(value: page.map { body(of: $0, version: version) }, nextLink: nextLink))
    }

    private func page<Element>(of all: [Element], _ call: Call) -> (ArraySlice<Element>, nextLink: String?) {
        let skipped = min(max(0, call.query("$skiptoken").flatMap { Int($0) } ?? 0), all.count)
        let page = all.dropFirst(skipped).prefix(configuration.pageSize)
        let following = skipped + page.count
        guard following < all.count else { return (page, nil) }
        let version = call.query("api-version") ?? ""
        return (page, "\(origin)\(call.path)?api-version=\(version)&$skiptoken=\(following)")
    }
}

extension EmulatorModel {
    /// What `PUT /_emulator/resources` takes.
    struct ResourceToPut: Decodable {
        let id: String
        let tags: [String: String]?
    }

    /// Makes a resource as somebody with rights would do it, or changes its tags; no fault strikes.
    mutating func put(_ resource: ResourceToPut, now: Date) -> Reply {
        let id: EmulatedResourceID
        do throws(EmulatedResourceID.Malformed) {
            id = try EmulatedResourceID(resource.id)
        } catch {
            return .error(400, "BadRequest", error.description)
        }
        guard resources.index(of: id) != nil || resources.resources.count < EmulatedResourceID.limit else {
            return .error(409, "Conflict", "An emulator has at most \(EmulatedResourceID.limit) resources in its life.")
        }
        resources.put(id, tags: resource.tags ?? [:], now: now)
        return .json(200, ["resources": emulatedResources.filter { $0.id == id }])
    }

    mutating func removeResource(_ call: Call) -> Reply {
        guard let text = call.query("id"), let index = resources.index(named: text) else {
            return .error(404, "ResourceNotFound", "There is no resource '\(call.query("id") ?? "")' in this emulator.")
        }
        _ = resources.remove(resources.resources[index].id)
        return .answer(Reply.Answer(status: 204))
    }
}
