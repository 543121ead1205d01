import FoundationEssentials

/// The emulator's own controls, under `/_emulator/`: no credential, and not in the log (but for the outside hand).
extension EmulatorModel {
    struct FaultsBody: Codable {
        let faults: [EmulatorFault]
    }

    mutating func control(_ words: [String], _ call: Call, now: Date) -> Reply {
        switch (words, call.method) {
        case (["faults"], "GET"): return .json(200, ["faults": faults.shown])
        case (["faults"], "PUT"):
            return readingBody(call, as: FaultsBody.self) { model, body in
                do throws(EmulatorFault.Malformed) {
                    try model.faults.replace(body.faults, in: model.resources.index(named:))
                } catch {
                    return .error(400, "BadRequest", error.description)
                }
                return .json(200, ["faults": model.faults.shown])
            }
        case (["faults"], "DELETE"):
            faults = FaultTable()
            return .answer(Reply.Answer(status: 204))
        case (["regenerate"], "POST"):
            return readingBody(call, as: OutsideRegenerate.self) { model, body in
                model.outsideRegenerate(body, call, now: now)
            }
        case (["log"], "GET"):
            let since = call.query("since") ?? "0"
            guard let sequence = Int(since) else {
                return .error(400, "BadRequest", "since=\(since): expected a sequence number")
            }
            return .json(200, log.entries(since: sequence))
        case (["log"], "DELETE"):
            log.empty()
            return .answer(Reply.Answer(status: 204))
        case (["messages"], "GET"): return .json(200, ["messages": messages])
        case (["resources"], "GET"): return .json(200, ["resources": emulatedResources])
        case (["resources"], "PUT"):
            return readingBody(call, as: ResourceToPut.self) { model, body in model.put(body, now: now) }
        case (["resources"], "DELETE"): return removeResource(call)
        default:
            return .error(
                404, "NotFound",
                "The emulator's controls are GET, PUT and DELETE /_emulator/faults, POST /_emulator/regenerate, GET "
                    + "and DELETE /_emulator/log, GET, PUT and DELETE /_emulator/resources, GET /_emulator/messages.")
        }
    }

    private struct OutsideRegenerate: Decodable {
        let resource: String
        let keyType: EmulatedKeyType
    }

    private mutating func readingBody<Body: Decodable>(
        _ call: Call, as type: Body.Type, _ action: (inout EmulatorModel, Body) -> Reply
    ) -> Reply {
        do {
            return action(&self, try JSONDecoder().decode(type, from: Data(call.body)))
        } catch {
            return .error(400, "BadRequest", JSONText.explain(error))
        }
    }

    private mutating func outsideRegenerate(_ body: OutsideRegenerate, _ call: Call, now: Date) -> Reply {
        guard let index = resources.index(named: body.resource) else {
            return .error(404, "ResourceNotFound", "There is no resource '\(body.resource)' in this emulator.")
        }
        let fingerprint = outsideRegenerate(index, body.keyType, method: call.method, path: call.path, now: now)
        return .json(
            200,
            [
                "resource": resources.resources[index].id.description, "keyType": body.keyType.rawValue,
                "fingerprint": fingerprint,
            ])
    }

    /// Regenerates a key as another person with rights would do it; no fault strikes. Returns the new fingerprint.
    @discardableResult
    mutating func outsideRegenerate(
        _ index: Int, _ keyType: EmulatedKeyType, method: String, path: String, now: Date
    ) -> String {
        let change = resources.regenerate(index, keyType, now: now)
        var entry = EmulatorLogEntry(method: method, path: path, operation: .outsideRegenerate)
        entry.resource = resources.resources[index].id.description
        entry.keyType = keyType
        entry.changedKeyType = keyType
        entry.fingerprintBefore = change.before
        entry.fingerprintAfter = change.after
        entry.executed = true
        entry.status = 200
        log.append(entry, now: now)
        return change.after
    }

    /// What `PUT /_emulator/resources` takes.
    private struct ResourceToPut: Decodable {
        let id: String
        let tags: [String: String]?
    }

    private mutating func put(_ resource: ResourceToPut, now: Date) -> Reply {
        let id: EmulatedResourceID
        do throws(EmulatedResourceID.Malformed) {
            id = try EmulatedResourceID(resource.id)
        } catch {
            return .error(400, "BadRequest", error.description)
        }
        guard resources.index(of: id) != nil || resources.resources.count < EmulatedResourceID.limit else {
            return .error(409, "Conflict", "An emulator has at most \(EmulatedResourceID.limit) resources in its life.")
        }
        put(id, tags: resource.tags ?? [:], now: now)
        return .json(200, ["resources": emulatedResources.filter { $0.id == id }])
    }

    /// Makes a resource as somebody with rights would do it, or changes its tags; no fault strikes, and it is there at
    /// once.
    mutating func put(_ id: EmulatedResourceID, tags: [String: String], now: Date) {
        let index = resources.index(of: id)
        var facts = index.map { resources.resources[$0].facts } ?? ResourceFacts()
        facts.tags = tags
        if let index {
            resources.change(index, facts, now: now)
        } else {
            resources.create(id, facts, now: now)
        }
    }

    private mutating func removeResource(_ call: Call) -> Reply {
        guard let text = call.query("id"), let index = resources.index(named: text) else {
            return .error(404, "ResourceNotFound", "There is no resource '\(call.query("id") ?? "")' in this emulator.")
        }
        delete(index)
        return .answer(Reply.Answer(status: 204))
    }

    /// All resources with their endpoints.
    var emulatedResources: [EmulatedResource] {
        resources.live.map {
            EmulatedResource(id: resources.resources[$0].id, endpoint: endpoint(of: $0))
        }
    }
}
