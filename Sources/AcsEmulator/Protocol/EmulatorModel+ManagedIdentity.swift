import Crypto
import FoundationEssentials

extension EmulatorModel {
    /// The Azure Instance Metadata Service: `GET /metadata/identity/oauth2/token`.
    mutating func managedIdentityToken(_ exchange: inout Exchange, now: Date) -> Reply {
        let call = exchange.call
        if let problem = metadataProblem(call) { return Self.metadataError(400, problem) }
        guard let version = call.query("api-version"), version >= "2018-02-01", version.utf8.count == 10 else {
            return Self.metadataError(400, "Query parameter 'api-version' is missing or unsupported: use 2018-02-01")
        }
        guard let resource = call.query("resource"), !resource.isEmpty else {
            return Self.metadataError(400, "Query parameter 'resource' is missing")
        }
        guard identityIsKnown(call, ["msi_res_id", "mi_res_id"]) else {
            return Self.metadataError(400, "Identity not found")
        }
        return .json(200, token(resource, &exchange, now: now))
    }

    /// The identity endpoint of App Service and Container Apps: `GET /msi/token`.
    mutating func appServiceToken(_ exchange: inout Exchange, now: Date) -> Reply {
        let call = exchange.call
        guard let header = call.header("X-IDENTITY-HEADER"),
            SHA256.hash(data: Data(header.utf8)) == SHA256.hash(data: Data(configuration.identityHeader.utf8))
        else { return Self.appServiceError(403, "X-IDENTITY-HEADER is missing or wrong", exchange) }
        guard call.query("api-version") == "2019-08-01" else {
            return Self.appServiceError(400, "api-version is missing or unsupported: use 2019-08-01", exchange)
        }
        guard let resource = call.query("resource"), !resource.isEmpty else {
            return Self.appServiceError(400, "resource is missing", exchange)
        }
        guard identityIsKnown(call, ["mi_res_id"]) else {
            return Self.appServiceError(
                400,
                "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
                exchange)
        }
        var body = token(resource, &exchange, now: now)
        for name in ["expires_in", "ext_expires_in", "not_before"] { body[name] = nil }
        return .json(200, body)
    }

    /// The agent of Azure Arc: `GET /arc/metadata/identity/oauth2/token`, twice.
    mutating func arcToken(_ exchange: inout Exchange, now: Date) -> Reply {
        guard let directory = configuration.arcDirectory else {
            return .error(
                404, "NotFound", "The emulator plays no Azure Arc agent: it has no directory for its challenges.")
        }
        let call = exchange.call
        if let problem = metadataProblem(call) { return Self.metadataError(400, problem) }
        guard let version = call.query("api-version"), ["2019-11-01", "2020-06-01"].contains(version) else {
            return Self.metadataError(400, "api-version is missing or unsupported: use 2020-06-01")
        }
        guard let resource = call.query("resource"), !resource.isEmpty else {
            return Self.metadataError(400, "resource is missing")
        }
        guard ["client_id", "object_id", "msi_res_id", "mi_res_id"].allSatisfy({ call.query($0) == nil }) else {
            return Self.metadataError(400, "A machine under Azure Arc has no user-assigned identity")
        }
        guard let authorization = call.header("Authorization") else {
            return challenge(directory)
        }
        guard authorization.hasPrefix("Basic "),
            let path = arcChallenges.removeValue(forKey: String(authorization.dropFirst("Basic ".count)))
        else { return Self.metadataError(401, "The key is not that of a challenge") }
        let reply = Reply.json(200, token(resource, &exchange, now: now))
        guard case .answer(var answer) = reply else { return reply }
        answer.challenge = .remove(path)
        return .answer(answer)
    }

    private mutating func challenge(_ directory: String) -> Reply {
        let path = "\(directory)/\(UUID().uuidString.lowercased()).key"
        let key = GeneratedKey().text
        arcChallenges[key] = path
        return .answer(
            Reply.Answer(
                status: 401, headers: [("WWW-Authenticate", "Basic realm=\(path)")], challenge: .write(path, key)))
    }

    private func metadataProblem(_ call: Call) -> String? {
        guard call.header("Metadata") == "true" else { return "Required metadata header not specified" }
        return call.header("X-Forwarded-For") == nil ? nil : "Requests with an X-Forwarded-For header are refused"
    }

    /// Whether the request names the emulator's identity, or none; two names are one too many.
    private func identityIsKnown(_ call: Call, _ resourceIDNames: [String]) -> Bool {
        let known = ["client_id": configuration.clientID, "object_id": configuration.objectID].merging(
            resourceIDNames.map { ($0, configuration.identityResourceID) }
        ) { first, _ in first }
        let all = ["client_id", "object_id", "principal_id", "msi_res_id", "mi_res_id"]
        let named = all.compactMap { name in call.query(name).map { (name, $0) } }
        return named.count <= 1 && named.allSatisfy { known[$0.0]?.lowercased() == $0.1.lowercased() }
    }

    private mutating func token(_ resource: String, _ exchange: inout Exchange, now: Date) -> [String: String] {
        exchange.entry.executed = true
        let lifetime = configuration.tokenLifetime
        let token = tokens.issue(
            audience: resource, tenant: configuration.tenantID, client: configuration.clientID, now: now,
            lifetime: lifetime)
        let second = Int(now.timeIntervalSince1970)
        return [
            "access_token": token, "client_id": configuration.clientID, "expires_in": String(lifetime),
            "ext_expires_in": String(lifetime), "expires_on": String(second + lifetime), "not_before": String(second),
            "resource": resource, "token_type": "Bearer",
        ]
    }

    private static func metadataError(_ status: Int, _ description: String) -> Reply {
        .json(status, ["error": "invalid_request", "error_description": description])
    }

    private static func appServiceError(_ status: Int, _ message: String, _ exchange: Exchange) -> Reply {
        .json(status, AppServiceError(statusCode: status, message: message, correlationId: exchange.requestID))
    }
}

private struct AppServiceError: Encodable {
    let statusCode: Int
    let message: String
    let correlationId: String
}
