import FoundationEssentials

extension EmulatorModel {
    /// Numbers, found, bought, changed and released: REST reference "Phone Numbers".
    mutating func phoneNumbers(_ call: DataPlaneCall) throws(Refused) -> Reply {
        switch call.operation {
        case .listPhoneNumbers: return try listPhoneNumbers(call)
        case .listCountries:
            let (page, next) = try page(of: PhoneNumberStock.countries, call, size: configuration.pageSize)
            return .json(
                200,
                CountriesBody(countries: page.map { .init(localizedName: $0.0, countryCode: $0.1) }, nextLink: next))
        case .searchPhoneNumbers: return try searchPhoneNumbers(call)
        case .getSearchResult:
            let id = call.segment(2)
            return .json(200, PhoneNumberSearchBody(id, try search(id, call), call))
        case .purchasePhoneNumbers: return try purchasePhoneNumbers(call)
        case .getPhoneNumberOperation:
            let id = call.segment(2)
            return .json(200, PhoneNumberOperationBody(id, try phoneNumberOperation(id, call), call))
        case .cancelPhoneNumberOperation: return try cancel(call)
        default: break
        }
        let number = call.segment(1).hasPrefix("+") ? call.segment(1) : "+\(call.segment(1))"
        guard let place = dataPlanes[call.resource]?.phoneNumbers.firstIndex(where: { $0.number == number }) else {
            throw Refused(404, "PhoneNumberNotFound", "The phone number '\(number)' is not this resource's.")
        }
        switch call.operation {
        case .releasePhoneNumber:
            dataPlanes[call.resource]?.phoneNumbers.remove(at: place)
            phoneNumberStock.giveBack([number])
            return begin("releasePhoneNumber", nil, "release-id", call)
        case .updateCapabilities: return try updateCapabilities(call, place, number)
        default: break
        }
        let known = dataPlanes[call.resource]?.phoneNumbers ?? []
        return .json(200, PhoneNumberBody(known[place], call))
    }

    private func listPhoneNumbers(_ call: DataPlaneCall) throws(Refused) -> Reply {
        let top = try call.number("top", in: 1...500, or: configuration.pageSize)
        let (page, next) = try page(of: dataPlanes[call.resource]?.phoneNumbers ?? [], call, size: top)
        return .json(200, PhoneNumbersBody(phoneNumbers: page.map { PhoneNumberBody($0, call) }, nextLink: next))
    }

    /// Next pages are named relative to the endpoint here.
    private func page<Element>(
        of all: [Element], _ call: DataPlaneCall, size: Int
    ) throws(Refused) -> (ArraySlice<Element>, nextLink: String?) {
        let skip = try call.number("skip", in: 0...Int(Int32.max), or: 0)
        let page = all.dropFirst(skip).prefix(size)
        guard skip + page.count < all.count else { return (page, nil) }
        return (page, "\(call.call.path)?skip=\(skip + page.count)&top=\(size)&api-version=\(call.version)")
    }

    private mutating func searchPhoneNumbers(_ call: DataPlaneCall) throws(Refused) -> Reply {
        let country = call.segment(2).uppercased()
        guard PhoneNumberStock.countries.contains(where: { $0.1 == country }) else {
            throw Refused(404, "NotFound", "There are no numbers of the country '\(country)'.")
        }
        let request = try call.call.decode(SearchRequestBody.self).checked()
        releaseWhatExpired(call)
        let numbers = phoneNumberStock.take(
            request.quantity, country: country, type: request.type, areaCode: request.areaCode)
        let id = UUID().uuidString.lowercased()
        dataPlanes[call.resource, default: DataPlaneStore()].searches[id] = PhoneNumberSearch(
            country: country, request: request, numbers: numbers, expiresAt: call.now.addingTimeInterval(15 * 60))
        let failure = numbers.isEmpty ? "There are no \(request.quantity) such numbers left." : nil
        return begin(
            "search", "/availablePhoneNumbers/searchResults/\(id)?api-version=\(call.version)", "search-id", id: id,
            call,
            failure: failure)
    }

    /// Numbers that were found and not bought in time are there for others again.
    private mutating func releaseWhatExpired(_ call: DataPlaneCall) {
        for resource in Array(dataPlanes.keys) {
            for (id, search) in dataPlanes[resource]?.searches ?? [:]
            where !search.isPurchased && search.expiresAt <= call.now {
                phoneNumberStock.giveBack(search.numbers)
                dataPlanes[resource]?.searches[id] = nil
            }
        }
    }

    private func search(_ id: String, _ call: DataPlaneCall) throws(Refused) -> PhoneNumberSearch {
        guard let search = dataPlanes[call.resource]?.searches[id], !search.numbers.isEmpty,
            search.isPurchased || search.expiresAt > call.now
        else { throw Refused(404, "NotFound", "There is no search '\(id)', or it has expired.") }
        return search
    }

    private mutating func purchasePhoneNumbers(_ call: DataPlaneCall) throws(Refused) -> Reply {
        struct Body: Decodable {
            let searchId: String?
        }
        guard let id = try call.call.decode(Body.self).searchId, !id.isEmpty else {
            throw Refused(400, "BadRequest", "The property 'searchId' is required.")
        }
        let search = try search(id, call)
        guard !search.isPurchased else {
            throw Refused(409, "Conflict", "The numbers of the search '\(id)' have been bought already.")
        }
        dataPlanes[call.resource]?.searches[id]?.isPurchased = true
        dataPlanes[call.resource]?.phoneNumbers += search.numbers.map {
            PhoneNumber(
                number: $0, purchasedAt: call.now, request: search.request, country: search.country,
                capabilities: search.request.capabilities)
        }
        return begin("purchase", nil, "purchase-id", call)
    }

    private mutating func updateCapabilities(
        _ call: DataPlaneCall, _ place: Int, _ number: String
    ) throws(Refused) -> Reply {
        struct Body: Decodable {
            let calling: String?
            let sms: String?
        }
        let body = try call.call.decode(Body.self)
        for value in [body.calling, body.sms].compactMap({ $0 })
        where !PhoneNumberCapabilities.values.contains(value) {
            throw Refused(400, "BadRequest", "The capability '\(value)' is not known.")
        }
        if let calling = body.calling { dataPlanes[call.resource]?.phoneNumbers[place].capabilities.calling = calling }
        if let sms = body.sms { dataPlanes[call.resource]?.phoneNumbers[place].capabilities.sms = sms }
        return begin(
            "updatePhoneNumberCapabilities", "/phoneNumbers/%2B\(number.dropFirst())?api-version=\(call.version)",
            "capabilities-id", call)
    }

    /// Answers a call whose result is there only later.
    private mutating func begin(
        _ type: String, _ location: String?, _ header: String, id: String = UUID().uuidString.lowercased(),
        _ call: DataPlaneCall, failure: String? = nil
    ) -> Reply {
        let operationID = "\(type.lowercased())_\(id)"
        dataPlanes[call.resource, default: DataPlaneStore()].phoneNumberOperations[operationID] = PhoneNumberOperation(
            type: type, resourceLocation: location, createdAt: call.now,
            endsAt: call.now.addingTimeInterval(configuration.operationTime), failure: failure)
        var headers = [
            (name: "Operation-Location", value: "/phoneNumbers/operations/\(operationID)?api-version=\(call.version)"),
            (name: "operation-id", value: operationID), (name: header, value: id),
        ]
        if let location { headers.append((name: "Location", value: location)) }
        let key = header.split(separator: "-").enumerated().map { $0 == 0 ? String($1) : $1.capitalized }.joined()
        return .json(202, [key: id], headers: headers)
    }

    private func phoneNumberOperation(_ id: String, _ call: DataPlaneCall) throws(Refused) -> PhoneNumberOperation {
        guard let operation = dataPlanes[call.resource]?.phoneNumberOperations[id] else {
            throw Refused(404, "NotFound", "There is no operation '\(id)'.")
        }
        return operation
    }

    /// Only a search can be called off, and gives back what it found.
    private mutating func cancel(_ call: DataPlaneCall) throws(Refused) -> Reply {
        let id = call.segment(2)
        let operation = try phoneNumberOperation(id, call)
        guard operation.type == "search" else {
            throw Refused(
                400, "OperationNotCancelable", "An operation of the type '\(operation.type)' runs to its end.")
        }
        let searchID = String(id.dropFirst("search_".count))
        if let search = dataPlanes[call.resource]?.searches[searchID], !search.isPurchased {
            phoneNumberStock.giveBack(search.numbers)
            dataPlanes[call.resource]?.searches[searchID] = nil
        }
        dataPlanes[call.resource]?.phoneNumberOperations[id] = nil
        return .answer(Reply.Answer(status: 204))
    }
}

private struct SearchRequestBody: Decodable {
    let phoneNumberType: String?
    let assignmentType: String?
    let capabilities: PhoneNumberCapabilities?
    let areaCode: String?
    let quantity: Int?

    func checked() throws(Refused) -> PhoneNumberSearch.Request {
        guard let type = phoneNumberType, ["geographic", "tollFree"].contains(type) else {
            throw Refused(400, "BadRequest", "The property 'phoneNumberType' is 'geographic' or 'tollFree' here.")
        }
        guard let assignment = assignmentType, ["person", "application"].contains(assignment) else {
            throw Refused(400, "BadRequest", "The property 'assignmentType' is 'person' or 'application'.")
        }
        guard let capabilities, PhoneNumberCapabilities.values.contains(capabilities.calling),
            PhoneNumberCapabilities.values.contains(capabilities.sms)
        else {
            throw Refused(
                400, "BadRequest",
                "The property 'capabilities' has 'calling' and 'sms', each one of "
                    + "\(PhoneNumberCapabilities.values.joined(separator: ", ")).")
        }
        let quantity = quantity ?? 1
        guard (1...100).contains(quantity) else {
            throw Refused(400, "BadRequest", "The property 'quantity' is from 1 to 100.")
        }
        guard areaCode.map({ (2...5).contains($0.utf8.count) && $0.allSatisfy(\.isNumber) }) ?? true else {
            throw Refused(400, "BadRequest", "The property 'areaCode' is no area code.")
        }
        return PhoneNumberSearch.Request(
            type: type, assignment: assignment, capabilities: capabilities, areaCode: areaCode, quantity: quantity)
    }
}

private struct PhoneNumbersBody: Encodable {
    let phoneNumbers: [PhoneNumberBody]
    let nextLink: String?
}

private struct CountriesBody: Encodable {
    struct Country: Encodable {
        let localizedName: String
        let countryCode: String
    }

    let countries: [Country]
    let nextLink: String?
}
