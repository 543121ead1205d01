import FoundationEssentials

/// Something that Resource Manager goes on with after it has answered.
struct PendingOperation: Sendable {
    let subscription: String
    let startedAt: Date
    let endsAt: Date
}

extension EmulatorModel {
    /// Creates, changes and deletes resources.
    mutating func lifecycle(_ exchange: inout Exchange, _ lifecycle: LifecycleCall, now: Date) -> Reply {
        do throws(Refused) {
            switch lifecycle {
            case .createOrUpdate(let path): return try createOrUpdate(&exchange, path, now: now)
            case .update: return try update(&exchange, now: now)
            case .delete(let path): return delete(&exchange, path, now: now)
            case .checkName: return try checkName(&exchange)
            case .operationStatus(_, let id): return try operationStatus(&exchange, id, now: now)
            case .operationResult(_, let id): return try operationResult(&exchange, id, now: now)
            }
        } catch {
            return error.reply
        }
    }

    private mutating func createOrUpdate(
        _ exchange: inout Exchange, _ path: Route.ResourcePath, now: Date
    ) throws(Refused) -> Reply {
        let body = try ResourceWriteBody(exchange.call)
        guard let location = body.location else {
            throw Refused(400, "LocationRequired", "The location property is required for this definition.")
        }
        guard location.lowercased() == "global" else {
            throw Refused(
                400, "LocationNotAvailableForResourceType",
                "The provided location '\(location)' is not available for resource type "
                    + "'Microsoft.Communication/communicationServices'. List of available regions for the resource type "
                    + "is 'global'.")
        }
        guard let place = body.properties?.dataLocation else {
            throw Refused(400, "BadRequest", "The property 'properties.dataLocation' is required.")
        }
        let dataLocation = try ResourceWriteBody.checked(dataLocation: place)
        var facts = ResourceFacts()
        facts.dataLocation = dataLocation
        facts = try body.applied(to: facts)
        let version = exchange.call.query("api-version") ?? ""
        if let index = exchange.resource {
            guard dataLocation == resources.resources[index].facts.dataLocation else {
                throw Refused(400, "BadRequest", "The property 'properties.dataLocation' cannot be changed.")
            }
            resources.change(index, facts, now: now)
            exchange.entry.executed = true
            return .json(200, self.body(of: index, version: version, now: now))
        }
        let index = try create(path, facts, now: now)
        exchange.entry.executed = true
        exchange.entry.resource = resources.resources[index].id.description
        let url = begin("operationStatuses", path.subscription, version, now: now)
        return .json(
            201, self.body(of: index, version: version, now: now),
            headers: [("Azure-AsyncOperation", url), ("Retry-After", "1")])
    }

    private mutating func create(
        _ path: Route.ResourcePath, _ facts: ResourceFacts, now: Date
    ) throws(Refused) -> Int {
        let id: EmulatedResourceID
        do {
            id = try EmulatedResourceID(
                subscription: path.subscription, resourceGroup: path.resourceGroup, name: path.name)
        } catch {
            throw Refused(400, "InvalidResourceName", error.description)
        }
        guard !isTaken(path.name) else {
            throw Refused(409, "NameNotAvailable", "The name '\(path.name)' is already in use.")
        }
        guard resources.resources.count < EmulatedResourceID.limit else {
            throw Refused(
                409, "QuotaExceeded", "This emulator has made \(EmulatedResourceID.limit) resources, and makes no more."
            )
        }
        let provisionedAt = now.addingTimeInterval(configuration.operationTime)
        return resources.create(id, facts, now: now, provisionedAt: provisionedAt)
    }

    private mutating func update(_ exchange: inout Exchange, now: Date) throws(Refused) -> Reply {
        guard let index = exchange.resource else { return notFound(exchange) }
        let body = try ResourceWriteBody(exchange.call)
        resources.change(index, try body.applied(to: resources.resources[index].facts), now: now)
        exchange.entry.executed = true
        return .json(200, self.body(of: index, version: exchange.call.query("api-version") ?? "", now: now))
    }

    private mutating func delete(_ exchange: inout Exchange, _ path: Route.ResourcePath, now: Date) -> Reply {
        exchange.entry.executed = true
        guard let index = exchange.resource else { return .answer(Reply.Answer(status: 204)) }
        delete(index)
        let version = exchange.call.query("api-version") ?? ""
        let url = begin("operationResults", path.subscription, version, now: now)
        return .answer(Reply.Answer(status: 202, headers: [("Location", url), ("Retry-After", "1")]))
    }

    /// Deletes a resource, and all that its data plane holds.
    mutating func delete(_ index: Int) {
        resources.delete(index)
        dataPlanes[index] = nil
    }

    /// The address of a new operation.
    private mutating func begin(
        _ kind: String, _ subscription: String, _ version: String, now: Date
    ) -> String {
        let id = UUID().uuidString.lowercased()
        pendingOperations[id] = PendingOperation(
            subscription: subscription.lowercased(), startedAt: now,
            endsAt: now.addingTimeInterval(configuration.operationTime))
        let path = "/subscriptions/\(subscription)/providers/Microsoft.Communication/locations/global/\(kind)/\(id)"
        return "\(origin)\(path)?api-version=\(version)"
    }

    private func pending(_ exchange: Exchange, _ id: String) throws(Refused) -> PendingOperation {
        guard case .lifecycle(let lifecycle) = exchange.route, let operation = pendingOperations[id],
            operation.subscription == lifecycle.subscription.lowercased()
        else { throw Refused(404, "NotFound", "There is no operation '\(id)'.") }
        return operation
    }

    private func operationStatus(_ exchange: inout Exchange, _ id: String, now: Date) throws(Refused) -> Reply {
        let operation = try pending(exchange, id)
        exchange.entry.executed = true
        let ended = operation.endsAt <= now
        let body = OperationStatusBody(
            id: exchange.call.path, name: id, status: ended ? "Succeeded" : "Running",
            startTime: operation.startedAt.formatted(.iso8601WithMilliseconds),
            endTime: ended ? operation.endsAt.formatted(.iso8601WithMilliseconds) : nil)
        return .json(200, body, headers: ended ? [] : [("Retry-After", "1")])
    }

    private func operationResult(_ exchange: inout Exchange, _ id: String, now: Date) throws(Refused) -> Reply {
        let operation = try pending(exchange, id)
        exchange.entry.executed = true
        guard operation.endsAt > now else { return .answer(Reply.Answer(status: 204)) }
        let headers = [
            (name: "Location", value: "\(origin)\(exchange.call.target)"), (name: "Retry-After", value: "1"),
        ]
        return .answer(Reply.Answer(status: 202, headers: headers))
    }

    private func checkName(_ exchange: inout Exchange) throws(Refused) -> Reply {
        struct Body: Decodable {
            let name: String?
            let type: String?
        }
        let body = try exchange.call.decode(Body.self)
        guard let name = body.name, !name.isEmpty else {
            throw Refused(400, "BadRequest", "The property 'name' is required.")
        }
        guard body.type?.lowercased() == "microsoft.communication/communicationservices" else {
            throw Refused(
                400, "BadRequest", "The property 'type' must be 'Microsoft.Communication/CommunicationServices'.")
        }
        exchange.entry.executed = true
        guard isTaken(name) else { return .json(200, NameBody(nameAvailable: true, reason: nil, message: nil)) }
        return .json(
            200,
            NameBody(nameAvailable: false, reason: "AlreadyExists", message: "The name '\(name)' is already in use."))
    }

    /// Names are unique in all of Azure.
    private func isTaken(_ name: String) -> Bool { resources.index(named: name) != nil }
}

private struct OperationStatusBody: Encodable {
    let id: String
    let name: String
    let status: String
    let startTime: String
    let endTime: String?
}

private struct NameBody: Encodable {
    let nameAvailable: Bool
    let reason: String?
    let message: String?
}
