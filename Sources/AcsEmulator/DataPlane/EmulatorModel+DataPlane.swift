import FoundationEssentials

extension EmulatorModel {
    private static let margin = 300.0

    /// Whether a call to a resource's own address is signed with one of its keys, or carries a token for the data plane;
    /// nil when it is.
    mutating func refuseDataPlane(_ exchange: Exchange, now: Date) -> Reply? {
        let call = exchange.call
        guard let resource = exchange.resource else {
            return .error(404, "ResourceNotFound", "No resource of this emulator has the address \(call.address).")
        }
        if let token = exchange.bearerToken {
            return tokens.check(token, for: .dataPlane, now: exchange.clock(now)) == .good ? nil : Self.denied
        }
        let authorization = DataPlaneSignature.parse(authorization: call.header("Authorization") ?? "")
        return refuseSignature(authorization, exchange, resource, now: now)
    }

    private mutating func refuseSignature(
        _ authorization: (signedHeaders: String, signature: String)?, _ exchange: Exchange, _ resource: Int, now: Date
    ) -> Reply? {
        let call = exchange.call
        guard let authorization, let hash = call.header("x-ms-content-sha256") else { return Self.denied }
        let dateHeader: String
        switch authorization.signedHeaders {
        case DataPlaneSignature.signedHeaders: dateHeader = "x-ms-date"
        case "date;host;x-ms-content-sha256": dateHeader = "Date"
        default: return Self.denied
        }
        guard let dateText = call.header(dateHeader), let date = HTTPDate.parse(dateText) else { return Self.denied }
        guard abs(date.timeIntervalSince(exchange.clock(now))) <= Self.margin else {
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
        return known && !resources.resources[resource].facts.disableLocalAuth ? nil : Self.denied
    }

    static let denied = denied("Denied", "Denied by the resource provider.")

    private static func denied(_ code: String, _ message: String) -> Reply {
        .error(401, code, message, headers: [("x-ms-error-code", code)])
    }

    mutating func dataPlane(_ exchange: inout Exchange, now: Date) -> Reply {
        do throws(Refused) {
            let reply = try dataPlane(exchange, now: exchange.clock(now))
            exchange.entry.executed = true
            return reply
        } catch {
            return error.reply
        }
    }

    private mutating func dataPlane(_ exchange: Exchange, now: Date) throws(Refused) -> Reply {
        let call = exchange.call
        let operations = DataPlaneOperation.at(call.pathSegments)
        guard let resource = exchange.resource, !operations.isEmpty else {
            throw Refused(
                404, "NotFound",
                "The emulator's data plane has nothing at \(call.path): acs-emulator(1) tells what it offers.")
        }
        guard let operation = operations.first(where: { $0.template.method == call.method }) else {
            let methods = operations.map(\.template.method).joined(separator: ", ")
            throw Refused(405, "MethodNotAllowed", "\(call.path) takes \(methods), not \(call.method).")
        }
        let versions = operation.service.versions
        guard let version = call.query("api-version"), versions.contains(version) else {
            throw Refused(
                400, "UnsupportedApiVersionValue",
                "The api-version is missing or unknown. Supported: \(versions.joined(separator: ", ")).")
        }
        let dataCall = DataPlaneCall(
            call: call, operation: operation, resource: resource, endpoint: endpoint(of: resource), version: version,
            now: now)
        switch operation.service {
        case .rooms: return try rooms(dataCall)
        case .identity: return try identities(dataCall)
        case .sms: return try sendSMS(dataCall)
        case .email: return operation == .sendEmail ? try sendEmail(dataCall) : try emailOperation(dataCall)
        case .phoneNumbers: return try phoneNumbers(dataCall)
        }
    }

    func dataPlaneHeaders(_ exchange: Exchange) -> [(name: String, value: String)] {
        let versions = DataPlaneOperation.at(exchange.call.pathSegments).first?.service.versions ?? []
        let supported =
            versions.isEmpty ? [] : [(name: "api-supported-versions", value: versions.joined(separator: ", "))]
        return supported + [
            ("ms-cv", exchange.requestID), ("x-azure-ref", exchange.requestID), ("X-Cache", "CONFIG_NOCACHE"),
        ]
    }
}
