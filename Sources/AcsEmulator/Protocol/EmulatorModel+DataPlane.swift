import FoundationEssentials

extension EmulatorModel {
    private static let margin = 300.0

    /// Whether a call to a resource's own address is signed with one of its keys; nil when it is.
    func refuseDataPlane(_ exchange: Exchange, now: Date) -> Reply? {
        let call = exchange.call
        guard let resource = exchange.resource else {
            return .error(404, "ResourceNotFound", "No resource of this emulator has the address \(call.address).")
        }
        guard let authorization = call.header("Authorization").flatMap(DataPlaneSignature.parse(authorization:)),
            let hash = call.header("x-ms-content-sha256")
        else { return Self.denied }
        let dateHeader: String
        switch authorization.signedHeaders {
        case DataPlaneSignature.signedHeaders: dateHeader = "x-ms-date"
        case "date;host;x-ms-content-sha256": dateHeader = "Date"
        default: return Self.denied
        }
        guard let dateText = call.header(dateHeader), let date = HTTPDate.parse(dateText) else { return Self.denied }
        let clock = now.addingTimeInterval(Double(exchange.skew))
        guard abs(date.timeIntervalSince(clock)) <= Self.margin else {
            return Self.denied(
                "AuthenticationFailed",
                "The given request could not be resolved.\nThe time difference between the originating client and the "
                    + "server is greater than the allowed margin of 5 minutes.")
        }
        guard hash == DataPlaneSignature.contentHash(of: call.body) else {
            return Self.denied("Denied", "Request 'x-ms-content-sha256' differs from generated content hash.")
        }
        let signed = DataPlaneSignature(
            method: call.method, target: call.target, date: dateText, host: call.authority.lowercased(),
            contentHash: hash)
        let known = resources.signingKeys(resource, now: now).contains {
            signed.isSigned(by: authorization.signature, with: $0)
        }
        return known ? nil : Self.denied
    }

    static let denied = denied("Denied", "Denied by the resource provider.")

    private static func denied(_ code: String, _ message: String) -> Reply {
        .error(401, code, message, headers: [("x-ms-error-code", code)])
    }

    mutating func dataPlane(_ exchange: inout Exchange, now: Date) -> Reply {
        guard let resource = exchange.resource, let path = DataPlanePath(exchange.call.path) else {
            return Self.badRequest(404, "NotFound", "There is nothing at \(exchange.call.path).")
        }
        guard path.method == exchange.call.method else {
            return Self.badRequest(405, "MethodNotAllowed", "\(exchange.call.path) takes \(path.method).")
        }
        guard let version = exchange.call.query("api-version"), path.versions.contains(version) else {
            return Self.badRequest(
                400, "UnsupportedApiVersionValue",
                "The api-version is missing or unknown. Supported: \(path.versions.joined(separator: ", ")).")
        }
        switch path {
        case .rooms:
            exchange.entry.executed = true
            return .json(200, ["value": [String]()])
        case .phoneNumbers:
            exchange.entry.executed = true
            return .json(200, ["phoneNumbers": [String]()])
        case .identities: return identities(&exchange, resource, now: now)
        }
    }

    private mutating func identities(_ exchange: inout Exchange, _ resource: Int, now: Date) -> Reply {
        struct Body: Decodable {
            let createTokenWithScopes: [String]?
            let expiresInMinutes: Int?
        }
        let body: Body
        do {
            let bytes = exchange.call.body.isEmpty ? Array("{}".utf8) : exchange.call.body
            body = try JSONDecoder().decode(Body.self, from: Data(bytes))
        } catch {
            return Self.badRequest(400, "BadRequest", "The body cannot be read: \(JSONText.explain(error)).")
        }
        let minutes = body.expiresInMinutes ?? 1440
        guard (60...1440).contains(minutes) else {
            return Self.badRequest(400, "BadRequest", "expiresInMinutes must be from 60 to 1440.")
        }
        exchange.entry.executed = true
        let id = "8:acs:\(resources.resources[resource].immutableID)_\(UUID().uuidString.lowercased())"
        guard let scopes = body.createTokenWithScopes, !scopes.isEmpty else {
            return .json(201, IdentityBody(identity: .init(id: id), accessToken: nil))
        }
        let token = tokens.issueUserToken(identity: id, scopes: scopes, now: now, lifetime: minutes * 60)
        let expiry = now.addingTimeInterval(Double(minutes * 60)).formatted(.iso8601WithMilliseconds)
        return .json(201, IdentityBody(identity: .init(id: id), accessToken: .init(token: token, expiresOn: expiry)))
    }

    private static func badRequest(_ status: Int, _ code: String, _ message: String) -> Reply {
        .error(status, code, message, headers: [("x-ms-error-code", code)])
    }

    func dataPlaneHeaders(_ exchange: Exchange) -> [(name: String, value: String)] {
        let versions = DataPlanePath(exchange.call.path)?.versions ?? []
        let supported =
            versions.isEmpty ? [] : [(name: "api-supported-versions", value: versions.joined(separator: ", "))]
        return supported + [
            ("ms-cv", exchange.requestID), ("x-azure-ref", exchange.requestID), ("X-Cache", "CONFIG_NOCACHE"),
        ]
    }
}

private struct IdentityBody: Encodable {
    struct Identity: Encodable {
        let id: String
    }

    struct AccessToken: Encodable {
        let token: String
        let expiresOn: String
    }

    let identity: Identity
    let accessToken: AccessToken?
}

/// What the emulated data plane offers.
private enum DataPlanePath {
    case rooms, phoneNumbers, identities

    init?(_ path: String) {
        switch path.lowercased() {
        case "/rooms": self = .rooms
        case "/phonenumbers": self = .phoneNumbers
        case "/identities": self = .identities
        default: return nil
        }
    }

    var method: String { self == .identities ? "POST" : "GET" }

    var versions: [String] {
        switch self {
        case .rooms: ["2023-06-14", "2024-04-15", "2025-03-13"]
        case .phoneNumbers:
            ["2021-03-07", "2022-12-01", "2024-03-01", "2025-02-11", "2025-04-01", "2025-06-01"]
        case .identities: ["2021-03-07", "2022-06-01", "2022-10-01", "2023-10-01", "2025-06-30"]
        }
    }
}
