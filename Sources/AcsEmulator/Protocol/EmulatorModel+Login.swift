import Crypto
import FoundationEssentials

extension EmulatorModel {
    /// The login endpoint: `POST /{tenant}/oauth2/v2.0/token` with client credentials.
    mutating func clientToken(_ exchange: inout Exchange, tenant: String, now: Date) -> Reply {
        let form = FormFields(Substring(String(decoding: exchange.call.body, as: UTF8.self)))
        if let problem = problem(form, tenant: tenant, host: exchange.call.authority, now: now) {
            return Self.loginError(problem, exchange, now: now)
        }
        let scope = form.first("scope") ?? ""
        guard scope.hasSuffix("/.default"), scope.utf8.count > "/.default".utf8.count else {
            let problem = LoginProblem(
                400, "invalid_scope", 1_002_012,
                "The provided value for scope \(scope) is not valid. Client credential flows must have a scope value "
                    + "with /.default suffixed to the resource identifier (application ID URI).")
            return Self.loginError(problem, exchange, now: now)
        }
        if let claims = form.first("claims"), !Self.isObject(claims) {
            let problem = LoginProblem(400, "invalid_request", 9_002_315, "The claims parameter is not valid JSON.")
            return Self.loginError(problem, exchange, now: now)
        }
        exchange.entry.executed = true
        let lifetime = configuration.tokenLifetime
        let token = tokens.issue(
            audience: String(scope.dropLast("/.default".count)), tenant: configuration.tenantID,
            client: configuration.clientID, now: now, lifetime: lifetime, claims: form.first("claims"))
        let body = TokenBody(expiresIn: lifetime, accessToken: token)
        return .json(200, body, headers: [("Cache-Control", "no-store, no-cache"), ("Pragma", "no-cache")])
    }

    private func problem(_ form: FormFields, tenant: String, host: String, now: Date) -> LoginProblem? {
        for name in ["grant_type", "client_id", "scope"] where (form.first(name) ?? "").isEmpty {
            return LoginProblem(
                400, "invalid_request", 900_144, "The request body must contain the following parameter: '\(name)'.")
        }
        guard tenant.lowercased() == configuration.tenantID.lowercased() else {
            return LoginProblem(
                400, "invalid_request", 90002,
                "Tenant '\(tenant)' not found. Check to make sure you have the correct tenant ID.")
        }
        guard form.first("grant_type") == "client_credentials" else {
            return LoginProblem(
                400, "unsupported_grant_type", 70003,
                "The app requested an unsupported grant type: use client_credentials.")
        }
        guard form.first("client_id")?.lowercased() == configuration.clientID.lowercased() else {
            return LoginProblem(
                400, "unauthorized_client", 700_016,
                "Application with identifier '\(form.first("client_id") ?? "")' was not found in the directory "
                    + "'\(configuration.tenantID)'.")
        }
        if let assertion = form.first("client_assertion") {
            guard form.first("client_assertion_type") == Self.assertionType else {
                return LoginProblem(
                    400, "invalid_request", 900_144,
                    "The request body must contain the following parameter: 'client_assertion_type'.")
            }
            return problem(assertion: assertion, tenant: tenant, host: host, now: now)
        }
        return problem(secret: form.first("client_secret"))
    }

    private static func isObject(_ json: String) -> Bool {
        struct AnyObject: Decodable {}
        return json.contains("{") && (try? JSONDecoder().decode(AnyObject.self, from: Data(json.utf8))) != nil
    }

    private static let assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    private func problem(secret: String?) -> LoginProblem? {
        guard let secret else {
            return LoginProblem(
                401, "invalid_client", 7_000_218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
        }
        // Equal digests mean equal secrets, and comparing digests tells nothing about the secret by its timing.
        guard SHA256.hash(data: Data(secret.utf8)) == SHA256.hash(data: Data(configuration.clientSecret.utf8)) else {
            return LoginProblem(
                401, "invalid_client", 7_000_215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                    + "value, not the client secret ID, for a secret added to app '\(configuration.clientID)'.")
        }
        return nil
    }

    struct LoginProblem {
        let status: Int
        let error: String
        let code: Int
        let text: String

        init(_ status: Int, _ error: String, _ code: Int, _ text: String) {
            self.status = status
            self.error = error
            self.code = code
            self.text = text
        }
    }

    private static func loginError(_ problem: LoginProblem, _ exchange: Exchange, now: Date) -> Reply {
        let stamp = now.formatted(.iso8601).map { $0 == "T" ? " " : $0 }
        return .json(
            problem.status,
            LoginErrorBody(
                error: problem.error, errorDescription: "AADSTS\(problem.code): \(problem.text)",
                errorCodes: [problem.code], timestamp: String(stamp), traceID: exchange.requestID,
                correlationID: exchange.entry.clientRequestId ?? exchange.requestID,
                errorURI: "https://login.microsoftonline.com/error?code=\(problem.code)"))
    }

    /// The answer of a struck token endpoint.
    static func tokenFailure(_ status: Int, _ exchange: Exchange, now: Date) -> Reply {
        let error = status < 500 && status != 429 ? "invalid_client" : "temporarily_unavailable"
        return loginError(
            LoginProblem(status, error, 90033, "A transient error has occurred. Please try again."), exchange, now: now)
    }

    /// How the cloud describes itself to clients that know only its resource manager; without a token.
    mutating func metadataEndpoints(_ exchange: inout Exchange) -> Reply {
        let versions = ["2019-05-01", "2020-09-01", "2022-09-01", "2023-11-01"]
        guard let version = exchange.call.query("api-version"), versions.contains(version) else {
            return .error(
                400, "InvalidApiVersionParameter",
                "The api-version is missing or invalid. The supported versions are '\(versions.joined(separator: ","))'."
            )
        }
        exchange.entry.executed = true
        let cloud = CloudDescription(
            name: "acs-emulator", resourceManager: "\(origin)/", portal: origin,
            authentication: .init(
                loginEndpoint: "\(origin)/", audiences: ["https://management.core.windows.net/", "\(origin)/"],
                tenant: "common", identityProvider: "AAD"), suffixes: [:])
        return version == "2019-05-01" ? .json(200, [cloud]) : .json(200, cloud)
    }

    /// What client libraries read before they ask for a token.
    mutating func openIDConfiguration(_ exchange: inout Exchange, tenant: String) -> Reply {
        exchange.entry.executed = true
        let base = "\(origin)/\(tenant)"
        return .json(
            200,
            [
                "token_endpoint": "\(base)/oauth2/v2.0/token", "issuer": "\(base)/v2.0",
                "authorization_endpoint": "\(base)/oauth2/v2.0/authorize",
                "device_authorization_endpoint": "\(base)/oauth2/v2.0/devicecode",
                "jwks_uri": "\(base)/discovery/v2.0/keys",
            ])
    }
}

private struct TokenBody: Encodable {
    let tokenType = "Bearer"
    let expiresIn: Int
    let accessToken: String

    private enum CodingKeys: String, CodingKey {
        case tokenType = "token_type"
        case expiresIn = "expires_in"
        case extExpiresIn = "ext_expires_in"
        case accessToken = "access_token"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(tokenType, forKey: .tokenType)
        try container.encode(expiresIn, forKey: .expiresIn)
        try container.encode(expiresIn, forKey: .extExpiresIn)
        try container.encode(accessToken, forKey: .accessToken)
    }
}

private struct CloudDescription: Encodable {
    struct Authentication: Encodable {
        let loginEndpoint: String
        let audiences: [String]
        let tenant: String
        let identityProvider: String
    }

    let name: String
    let resourceManager: String
    let portal: String
    let authentication: Authentication
    let suffixes: [String: String]
}

private struct LoginErrorBody: Encodable {
    let error: String
    let errorDescription: String
    let errorCodes: [Int]
    let timestamp: String
    let traceID: String
    let correlationID: String
    let errorURI: String

    private enum CodingKeys: String, CodingKey {
        case error, timestamp
        case errorDescription = "error_description"
        case errorCodes = "error_codes"
        case traceID = "trace_id"
        case correlationID = "correlation_id"
        case errorURI = "error_uri"
    }
}
