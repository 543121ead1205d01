import FoundationEssentials

/// A number that a resource has bought.
struct PhoneNumber: Sendable {
    /// E.164, with its plus sign.
    let number: String
    let purchasedAt: Date
    let request: PhoneNumberSearch.Request
    let country: String
    var capabilities: PhoneNumberCapabilities
}

struct PhoneNumberCapabilities: Codable, Equatable, Sendable {
    var calling: String
    var sms: String

    static let values = ["none", "inbound", "outbound", "inbound+outbound"]
}

/// What was found, and is held for a quarter of an hour.
struct PhoneNumberSearch: Sendable {
    struct Request: Equatable, Sendable {
        let type: String
        let assignment: String
        let capabilities: PhoneNumberCapabilities
        let areaCode: String?
        let quantity: Int
    }

    let country: String
    let request: Request
    let numbers: [String]
    let expiresAt: Date
    var isPurchased = false
}

struct PhoneNumberOperation: Sendable {
    let type: String
    /// Where the result is, relative to the endpoint.
    let resourceLocation: String?
    let createdAt: Date
    let endsAt: Date
    /// Why it fails when it ends.
    var failure: String?
}

/// The numbers that there are to be bought: those that the regulators keep for films and examples, so that none is
/// anybody's.
struct PhoneNumberStock: Sendable {
    static let countries = [("United States", "US"), ("United Kingdom", "GB")]

    /// Held, or bought.
    private var taken: Set<String> = []

    /// Numbers of a country and type that nobody has; fewer than asked for when there are not that many.
    mutating func take(_ quantity: Int, country: String, type: String, areaCode: String?) -> [String] {
        let free = Self.numbers(country, type, areaCode).lazy.filter { [taken] in !taken.contains($0) }
        let found = Array(free.prefix(quantity))
        guard found.count == quantity else { return [] }
        taken.formUnion(found)
        return found
    }

    mutating func giveBack(_ numbers: [String]) { taken.subtract(numbers) }

    private static func numbers(_ country: String, _ type: String, _ areaCode: String?) -> [String] {
        guard country != "US" || (areaCode?.utf8.count ?? 3) == 3 else { return [] }
        let prefix: String
        switch (country, type) {
        // 555-0100 to 555-0199 (Alliance for Telecommunications Industry Solutions).
        case ("US", "tollFree"): prefix = "+1\(areaCode ?? "833")55501"
        case ("US", "geographic"): prefix = "+1\(areaCode ?? "425")55501"
        // 020 7946 0000 and on, 0808 157 0000 and on (Ofcom's numbers for drama); the first hundred of each.
        case ("GB", "geographic"): prefix = areaCode ?? "20" == "20" ? "+4420794600" : ""
        case ("GB", "tollFree"): prefix = areaCode ?? "808" == "808" ? "+4480815700" : ""
        default: prefix = ""
        }
        guard !prefix.isEmpty else { return [] }
        return (0..<100).map { prefix + ($0 < 10 ? "0" : "") + String($0) }
    }
}

/// As the services write them.
struct PhoneNumberBody: Encodable {
    struct Cost: Encodable {
        let amount: Double
        let currencyCode = "USD"
        let billingFrequency = "monthly"

        init(type: String) { amount = type == "tollFree" ? 2 : 1 }

        private enum CodingKeys: String, CodingKey {
            case amount, currencyCode, billingFrequency
        }
    }

    let id: String
    let phoneNumber: String
    let countryCode: String
    let phoneNumberType: String
    let capabilities: PhoneNumberCapabilities
    let assignmentType: String
    let purchaseDate: String
    let cost: Cost

    init(_ number: PhoneNumber, _ call: DataPlaneCall) {
        id = String(number.number.dropFirst())
        phoneNumber = number.number
        countryCode = number.country
        phoneNumberType = number.request.type
        capabilities = number.capabilities
        assignmentType = number.request.assignment
        purchaseDate = call.time(number.purchasedAt)
        cost = Cost(type: number.request.type)
    }
}

struct PhoneNumberSearchBody: Encodable {
    let searchId: String
    let phoneNumbers: [String]
    let phoneNumberType: String
    let assignmentType: String
    let capabilities: PhoneNumberCapabilities
    let cost: PhoneNumberBody.Cost
    let searchExpiresBy: String
    let isAgreementToNotResellRequired = false
    let errorCode = 0
    let error = "NoError"

    init(_ id: String, _ search: PhoneNumberSearch, _ call: DataPlaneCall) {
        searchId = id
        phoneNumbers = search.numbers
        phoneNumberType = search.request.type
        assignmentType = search.request.assignment
        capabilities = search.request.capabilities
        cost = PhoneNumberBody.Cost(type: search.request.type)
        searchExpiresBy = call.time(search.expiresAt)
    }

    private enum CodingKeys: String, CodingKey {
        case searchId, phoneNumbers, phoneNumberType, assignmentType, capabilities, cost, searchExpiresBy
        case isAgreementToNotResellRequired, errorCode, error
    }
}

struct PhoneNumberOperationBody: Encodable {
    struct Problem: Encodable {
        let code: String
        let message: String
    }

    let id: String
    let operationType: String
    let status: String
    let resourceLocation: String?
    let createdDateTime: String
    let lastActionDateTime: String
    let error: Problem?

    init(_ id: String, _ operation: PhoneNumberOperation, _ call: DataPlaneCall) {
        let ended = operation.endsAt <= call.now
        self.id = id
        operationType = operation.type
        status = !ended ? "running" : operation.failure == nil ? "succeeded" : "failed"
        resourceLocation = ended && operation.failure == nil ? operation.resourceLocation : nil
        createdDateTime = call.time(operation.createdAt)
        lastActionDateTime = call.time(ended ? operation.endsAt : operation.createdAt)
        error = ended ? operation.failure.map { Problem(code: "OutOfStock", message: $0) } : nil
    }
}
