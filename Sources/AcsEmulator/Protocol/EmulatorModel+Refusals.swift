import FoundationEssentials

/// Resource Manager's refusals, in the words that real ones were seen in.
extension EmulatorModel {
    /// What is wrong with a call to Resource Manager before it is looked at what it asks for; nil when nothing is.
    func refuseResourceManager(_ exchange: Exchange, now: Date) -> Reply? {
        refuseBearer(exchange, now: now) ?? refuseVersion(exchange) ?? refuseScope(exchange)
    }

    private func refuseBearer(_ exchange: Exchange, now: Date) -> Reply? {
        guard let token = exchange.bearerToken else {
            return unauthorized(
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing or has no bearer token.")
        }
        switch tokens.check(token, for: .resourceManager, now: now) {
        case .good: return nil
        case .unknown:
            return unauthorized(
                "InvalidAuthenticationToken", "The access token is invalid: this emulator did not issue it.")
        case .expired(let expiry):
            let expired = expiry.formatted(.iso8601WithMilliseconds)
            return unauthorized(
                "ExpiredAuthenticationToken",
                "The access token expiry UTC time '\(expired)' is earlier than current UTC time "
                    + "'\(now.formatted(.iso8601WithMilliseconds))'.")
        case .wrongAudience(let audience):
            return unauthorized(
                "InvalidAuthenticationTokenAudience",
                "The access token has been obtained for wrong audience or resource '\(audience)'. It should exactly "
                    + "match with one of the allowed audiences '\(tokens.audiences.joined(separator: "','"))'.")
        }
    }

    /// What a token has to have been asked for with, once a challenge was made.
    private static let challengedClaims = ["nbf": "1702682181"]

    func fulfilsChallenge(_ exchange: Exchange) -> Bool {
        tokens.wasAsked(exchange.bearerToken ?? "", for: Self.challengedClaims)
    }

    /// Two challenges in one header, with commas within quotes, as Azure was seen to send them.
    func claimsChallenge() -> Reply {
        let claims = #"{"access_token":{"nbf":{"essential":true,"value":"1702682181"}}}"#
        let challenge =
            "PoP realm=\"a, b\", Bearer realm=\"\", authorization_uri=\"\(origin)/common/oauth2/authorize\", "
            + "error=\"insufficient_claims\", claims=\"\(Data(claims.utf8).base64EncodedString())\""
        return .error(
            401, "InvalidAuthenticationToken", "The access token does not fulfil the claims that are asked for.",
            headers: [("WWW-Authenticate", challenge)])
    }

    private func unauthorized(_ code: String, _ message: String) -> Reply {
        let challenge =
            "Bearer authorization_uri=\"\(origin)/\(configuration.tenantID)\", error=\"invalid_token\", "
            + "error_description=\"\(message)\""
        return .error(401, code, message, headers: [("WWW-Authenticate", challenge)])
    }

    static let apiVersions = [
        "2020-08-20", "2023-03-31", "2023-04-01", "2025-05-01", "2025-09-01", "2026-03-18", "2020-08-20-preview",
        "2021-10-01-preview", "2022-07-01-preview", "2023-03-01-preview", "2023-04-01-preview", "2023-06-01-preview",
        "2024-09-01-preview", "2025-05-01-preview",
    ]

    private func refuseVersion(_ exchange: Exchange) -> Reply? {
        guard let version = exchange.call.query("api-version"), !version.isEmpty else {
            return .error(
                400, "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.")
        }
        switch exchange.route {
        case .subscriptions: return nil
        case .permissions: return Self.refuseVersion(version, of: "permissions", Self.permissionsVersions)
        case .locks: return Self.refuseVersion(version, of: "locks", Self.locksVersions)
        default: break
        }
        guard Self.apiVersions.contains(version.lowercased()) else {
            return .error(
                400, "NoRegisteredProviderFound",
                "No registered resource provider found for location 'global' and API version '\(version)' for type "
                    + "'communicationServices'. The supported api-versions are "
                    + "'\(Self.apiVersions.joined(separator: ", "))'."
            )
        }
        return nil
    }

    private func refuseScope(_ exchange: Exchange) -> Reply? {
        switch exchange.route {
        case .list(let subscription, let group): refuseScope(subscription, group)
        case .lifecycle(let lifecycle): refuseScope(exchange, lifecycle)
        case .get(let path), .listKeys(let path), .regenerateKey(let path), .permissions(let path), .locks(let path):
            refuseScope(path.subscription, path.resourceGroup) ?? (exchange.resource == nil ? notFound(exchange) : nil)
        default: nil
        }
    }

    /// A resource that is not there can be made, and is deleted already.
    private func refuseScope(_ exchange: Exchange, _ lifecycle: LifecycleCall) -> Reply? {
        if let refusal = refuseScope(lifecycle.subscription, lifecycle.resourcePath?.resourceGroup) { return refusal }
        if case .update = lifecycle, exchange.resource == nil { return notFound(exchange) }
        return nil
    }

    private func refuseScope(_ subscription: String, _ group: String?) -> Reply? {
        guard resources.hasSubscription(subscription) else {
            return .error(404, "SubscriptionNotFound", "The subscription '\(subscription)' could not be found.")
        }
        guard let group, !resources.hasGroup(subscription, group) else { return nil }
        return .error(404, "ResourceGroupNotFound", "Resource group '\(group)' could not be found.")
    }

    func notFound(_ exchange: Exchange) -> Reply {
        guard let path = exchange.route.resourcePath else {
            return .error(404, "NotFound", "The requested resource does not exist.")
        }
        return .error(
            404, "ResourceNotFound",
            "The Resource 'Microsoft.Communication/communicationServices/\(path.name)' under resource group "
                + "'\(path.resourceGroup)' was not found. For more details please go to "
                + "https://aka.ms/ARMResourceNotFoundFix")
    }

    func forbidden(_ exchange: Exchange) -> Reply {
        if case .dataPlane = exchange.route {
            return .error(403, "Forbidden", "The caller is not permitted to do this.")
        }
        let service = "Microsoft.Communication/communicationServices"
        let action =
            switch exchange.route {
            case .listKeys: "\(service)/listKeys/action"
            case .regenerateKey: "\(service)/regenerateKey/action"
            case .permissions: "Microsoft.Authorization/permissions/read"
            case .locks: "Microsoft.Authorization/locks/read"
            case .subscriptions: "Microsoft.Resources/subscriptions/read"
            case .lifecycle(let lifecycle): "\(service)/\(lifecycle.action)"
            default: "\(service)/read"
            }
        return .error(
            403, "AuthorizationFailed",
            "The client '\(configuration.clientID)' with object id '\(configuration.clientID)' does not have "
                + "authorization to perform action '\(action)' over "
                + "scope '\(exchange.entry.resource ?? exchange.call.path)' or the scope is invalid. If access was recently "
                + "granted, please refresh your credentials.")
    }

    func scopeLocked(_ exchange: Exchange) -> Reply {
        let scope = exchange.entry.resource ?? exchange.call.path
        return .error(
            409, "ScopeLocked",
            "The scope '\(scope)' cannot perform write operation because following scope(s) are locked: '\(scope)'. "
                + "Please remove the lock and try again.")
    }

    func throttled(_ exchange: Exchange, retryAfter: Int, now: Date) -> Reply {
        let headers = [(name: "Retry-After", value: String(retryAfter))]
        if exchange.operation == .token { return Self.tokenFailure(429, exchange, now: now).adding(headers) }
        guard let subscription = subscription(of: exchange.route) else {
            return .error(429, "TooManyRequests", "Try again after '\(retryAfter)' seconds.", headers: headers)
        }
        let kind = ThrottledKind(method: exchange.call.method)
        return .error(
            429, "SubscriptionRequestsThrottled",
            "Number of '\(kind.rawValue)' requests for subscription '\(subscription)' actor '\(configuration.clientID)' "
                + "exceeded. Please try again after '\(retryAfter)' seconds.", headers: headers)
    }

    static func serverError(_ status: Int, _ exchange: Exchange, now: Date) -> Reply {
        if exchange.operation == .token { return tokenFailure(status, exchange, now: now) }
        let (code, message) =
            switch status {
            case 502: ("BadGateway", "Bad gateway.")
            case 503: ("ServiceUnavailable", "The service is temporarily unavailable.")
            case 504: ("GatewayTimeout", "The gateway did not receive a response within the specified time period.")
            default: ("InternalServerError", "The server encountered an error.")
            }
        return .error(status, code, message)
    }

    /// What every answer of Resource Manager carries.
    func resourceManagerHeaders(_ exchange: Exchange, status: Int, now: Date) -> [(name: String, value: String)] {
        let stamp = now.formatted(.iso8601).filter { !"-:".contains($0) }
        var headers = [
            ("Cache-Control", "no-cache"), ("Pragma", "no-cache"), ("Expires", "-1"),
            ("x-ms-request-id", exchange.requestID), ("x-ms-correlation-request-id", exchange.requestID),
            ("x-ms-routing-request-id", "EMULATOR:\(stamp):\(exchange.requestID)"),
            ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"), ("X-Content-Type-Options", "nosniff"),
        ]
        if let remaining = exchange.remaining {
            let kind = ThrottledKind(method: exchange.call.method)
            let scope = (exchange.throttleScope ?? .subscription).rawValue
            headers.append(("x-ms-ratelimit-remaining-\(scope)-\(kind.rawValue)s", String(remaining.own)))
            if let global = remaining.global {
                headers.append(("x-ms-ratelimit-remaining-\(scope)-global-\(kind.rawValue)s", String(global)))
            }
        }
        if status >= 400 {
            headers.append(("x-ms-failure-cause", "gateway"))
        } else if exchange.resource != nil {
            headers += [
                ("x-ms-providerhub-traffic", "True"), ("mise-correlation-id", exchange.requestID),
                ("Request-Context", "appId="),
            ]
        }
        if exchange.call.header("x-ms-return-client-request-id")?.lowercased() == "true",
            let id = exchange.entry.clientRequestId
        {
            headers.append(("x-ms-client-request-id", id))
        }
        return headers.map { (name: $0.0, value: $0.1) }
    }
}

extension Route {
    var resourcePath: ResourcePath? {
        switch self {
        case .get(let path), .listKeys(let path), .regenerateKey(let path), .permissions(let path), .locks(let path):
            path
        case .lifecycle(let lifecycle): lifecycle.resourcePath
        default: nil
        }
    }
}
