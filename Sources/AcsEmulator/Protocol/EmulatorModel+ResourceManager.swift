import FoundationEssentials

extension EmulatorModel {
    mutating func get(_ exchange: inout Exchange, now: Date) -> Reply {
        guard let resource = exchange.resource else { return notFound(exchange) }
        exchange.entry.executed = true
        return .json(200, body(of: resource, version: exchange.call.query("api-version") ?? "", now: now))
    }

    mutating func listKeys(_ exchange: inout Exchange) -> Reply {
        guard let resource = exchange.resource else { return notFound(exchange) }
        exchange.entry.executed = true
        var body = KeysBody()
        for keyType in EmulatedKeyType.allCases {
            body.set(
                keyType, key: resources.resources[resource][keyType].text,
                connectionString: connectionString(resource, keyType))
        }
        if strike(.malformedConnectionString, &exchange) != nil {
            body.primaryConnectionString = "endpoint=\(endpoint(of: resource))"
            body.secondaryConnectionString = "endpoint=\(endpoint(of: resource))"
        }
        return .json(200, body)
    }

    mutating func regenerateKey(_ exchange: inout Exchange, now: Date) -> Reply {
        guard let resource = exchange.resource else { return notFound(exchange) }
        let keyType: EmulatedKeyType
        switch requestedKeyType(exchange.call) {
        case .success(let requested): keyType = requested
        case .failure(let refusal): return refusal.reply
        }
        exchange.entry.keyType = keyType
        if let delay = strike(.lateLanding, &exchange) {
            landings.append(
                Landing(
                    due: now.addingTimeInterval(Double(delay) / 1000), exchange: exchange, keyType: keyType,
                    sequence: log.lastSequence + 1))
            return .dropped
        }
        change(keyType, &exchange, now: now)
        var body = KeysBody()
        body.set(
            keyType, key: resources.resources[resource][keyType].text,
            connectionString: connectionString(resource, keyType))
        return .json(200, body)
    }

    private struct Refusal: Error {
        let reply: Reply
    }

    /// Only the exact spelling counts: real Azure has refused lower-case key types (Azure/azure-powershell#28085).
    private func requestedKeyType(_ call: Call) -> Result<EmulatedKeyType, Refusal> {
        let type = call.header("Content-Type")?.lowercased() ?? ""
        guard type.hasPrefix("application/json") else {
            let reply = Reply.error(
                415, "UnsupportedMediaType",
                "The content media type '\(type)' is not supported. Use 'application/json'.")
            return .failure(Refusal(reply: reply))
        }
        struct Body: Decodable {
            let keyType: String?
        }
        let body: Body
        do {
            body = try JSONDecoder().decode(Body.self, from: Data(call.body))
        } catch {
            let message = "The request content was invalid and could not be deserialized: '\(JSONText.explain(error))'."
            return .failure(Refusal(reply: .error(400, "InvalidRequestContent", message)))
        }
        guard let keyType = body.keyType.flatMap(EmulatedKeyType.init(rawValue:)) else {
            let message =
                "The key type '\(body.keyType ?? "")' is invalid. Valid values are 'Primary' and 'Secondary'."
            return .failure(Refusal(reply: .error(400, "BadRequest", message)))
        }
        return .success(keyType)
    }

    func body(of index: Int, version: String, now: Date) -> ResourceBody {
        let resource = resources.resources[index]
        let host = endpoint(of: index).split(separator: "/").last.map(String.init) ?? ""
        let facts = resource.facts
        // The specifications before 2025-05-01 do not know these two.
        let knowsAccess = version >= "2025-05-01"
        let takesKeys = !facts.disableLocalAuth && !faults.isInForce(.localAuthDisabled, .get, resource: index)
        return ResourceBody(
            id: resource.id.description, name: resource.id.name, location: facts.location, tags: facts.tags,
            systemData: .init(
                createdAt: resource.createdAt.formatted(.iso8601WithMilliseconds),
                lastModifiedAt: resource.lastModifiedAt.formatted(.iso8601WithMilliseconds)),
            properties: .init(
                provisioningState: resource.provisionedAt <= now ? "Succeeded" : "Creating", hostName: host,
                immutableResourceId: resource.immutableID, dataLocation: facts.dataLocation,
                linkedDomains: facts.linkedDomains.isEmpty ? nil : facts.linkedDomains,
                disableLocalAuth: knowsAccess ? !takesKeys : nil,
                publicNetworkAccess: knowsAccess ? facts.publicNetworkAccess : nil))
    }
}
