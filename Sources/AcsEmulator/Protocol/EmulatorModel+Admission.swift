import FoundationEssentials

extension EmulatorModel {
    /// The first look at a call: who is it, is it well-formed, does what it names exist. What fails here is answered at
    /// once, and no fault strikes it.
    mutating func admit(_ call: Call, now: Date) -> Admission {
        advance(to: now)
        let route = Route(call)
        if case .control(let words) = route { return .answered(control(words, call, now: now)) }
        var exchange = Exchange(call, route, resource: resourceIndex(of: route))
        exchange.entry.resource = resourceName(of: route)
        exchange.skew = strike(.clockSkew, &exchange) ?? 0
        if let refusal = refusal(of: exchange, now: now) {
            return .answered(finish(&exchange, refusal, now: now))
        }
        let latency = strike(.latency, &exchange) ?? 0
        return .admitted(exchange, latency: latency)
    }

    /// Executes an admitted call, or does with it what the faults want.
    mutating func complete(_ admitted: Exchange, now: Date) -> Reply {
        advance(to: now)
        var exchange = admitted
        let reply = faultBefore(&exchange, now: now) ?? throttle(&exchange, now: now) ?? execute(&exchange, now: now)
        if exchange.entry.executed {
            if let status = strike(.serverErrorAfter, &exchange) {
                return finish(&exchange, Self.serverError(status, exchange, now: now), now: now)
            }
            if strike(.lostReply, &exchange) != nil {
                return finish(&exchange, .dropped, now: now)
            }
        }
        return finish(&exchange, reply, now: now)
    }

    private mutating func refusal(of exchange: Exchange, now: Date) -> Reply? {
        switch exchange.route {
        case .subscriptions, .list, .get, .listKeys, .regenerateKey, .permissions, .locks, .lifecycle:
            refuseResourceManager(exchange, now: exchange.clock(now))
        case .dataPlane: refuseDataPlane(exchange, now: now)
        case .managedIdentityToken, .appServiceToken, .arcToken, .clientToken, .openIDConfiguration,
            .metadataEndpoints, .control:
            nil
        case .wrongMethod(let allowed):
            .error(
                405, "MethodNotAllowed", "This path takes \(allowed), not \(exchange.call.method).",
                headers: [("Allow", allowed)])
        case .unknown:
            .error(
                404, "NotFound",
                "The emulator has nothing at \(exchange.call.path) on \(exchange.call.address): acs-emulator(1) tells what it "
                    + "offers.")
        }
    }

    private mutating func faultBefore(_ exchange: inout Exchange, now: Date) -> Reply? {
        if strike(.lostRequest, &exchange) != nil { return .dropped }
        if let seconds = strike(.throttled, &exchange) { return throttled(exchange, retryAfter: seconds, now: now) }
        if let status = strike(.serverError, &exchange) { return Self.serverError(status, exchange, now: now) }
        if let status = strike(.tokenFailure, &exchange) { return Self.tokenFailure(status, exchange, now: now) }
        if !fulfilsChallenge(exchange), strike(.claimsChallenge, &exchange) != nil { return claimsChallenge() }
        // Tokens go on being taken.
        if exchange.bearerToken == nil, strike(.localAuthDisabled, &exchange, on: .dataPlane) != nil {
            return Self.denied
        }
        if strike(.forbidden, &exchange) != nil { return forbidden(exchange) }
        if strike(.notFound, &exchange) != nil { return notFound(exchange) }
        if strike(.scopeLocked, &exchange) != nil { return scopeLocked(exchange) }
        return nil
    }

    private mutating func throttle(_ exchange: inout Exchange, now: Date) -> Reply? {
        guard let scope = exchange.throttleScope else { return nil }
        let kind = ThrottledKind(method: exchange.call.method)
        let subscription = scope == .tenant ? nil : subscription(of: exchange.route)
        switch charge(subscription: subscription, kind, now: now) {
        case .taken(let remaining):
            exchange.remaining = remaining
            return nil
        case .empty(let retryAfter):
            exchange.remaining = Throttle.Remaining(own: 0, global: nil)
            return throttled(exchange, retryAfter: retryAfter, now: now)
        }
    }

    private mutating func execute(_ exchange: inout Exchange, now: Date) -> Reply {
        switch exchange.route {
        case .subscriptions: listSubscriptions(&exchange)
        case .list(let subscription, let group): list(&exchange, subscription, group, now: now)
        case .get: get(&exchange, now: now)
        case .listKeys: listKeys(&exchange)
        case .regenerateKey: regenerateKey(&exchange, now: now)
        case .permissions: listPermissions(&exchange)
        case .locks: listLocks(&exchange)
        case .lifecycle(let call): lifecycle(&exchange, call, now: now)
        case .managedIdentityToken: managedIdentityToken(&exchange, now: exchange.clock(now))
        case .appServiceToken: appServiceToken(&exchange, now: exchange.clock(now))
        case .arcToken: arcToken(&exchange, now: exchange.clock(now))
        case .clientToken(let tenant): clientToken(&exchange, tenant: tenant, now: exchange.clock(now))
        case .metadataEndpoints: metadataEndpoints(&exchange)
        case .openIDConfiguration(let tenant): openIDConfiguration(&exchange, tenant: tenant)
        case .dataPlane: dataPlane(&exchange, now: now)
        case .control, .wrongMethod, .unknown:
            preconditionFailure("admission has answered calls that cannot be executed")
        }
    }

    /// Notes the call in the log, and gives the answer the headers that every answer of its kind has.
    private mutating func finish(_ exchange: inout Exchange, _ reply: Reply, now: Date) -> Reply {
        exchange.entry.status = reply.status
        log.append(exchange.entry, now: now)
        return reply.adding(commonHeaders(exchange, status: reply.status ?? 0, now: now))
    }

    private func commonHeaders(_ exchange: Exchange, status: Int, now: Date) -> [(name: String, value: String)] {
        let date = ("Date", HTTPDate.text(exchange.clock(now)))
        switch exchange.route {
        case .subscriptions, .list, .get, .listKeys, .regenerateKey, .permissions, .locks, .lifecycle:
            return resourceManagerHeaders(exchange, status: status, now: now) + [date]
        case .dataPlane: return dataPlaneHeaders(exchange) + [date]
        case .managedIdentityToken, .appServiceToken, .arcToken, .clientToken, .openIDConfiguration,
            .metadataEndpoints, .control, .wrongMethod, .unknown:
            return [date]
        }
    }

    private func resourceIndex(of route: Route) -> Int? {
        if let path = route.resourcePath {
            return
                (try? EmulatedResourceID(
                    subscription: path.subscription, resourceGroup: path.resourceGroup, name: path.name))
                .flatMap { resources.index(of: $0) }
        }
        return switch route {
        case .dataPlane(let index): resources.isLive(index) ? index : nil
        default: nil
        }
    }

    private func resourceName(of route: Route) -> String? {
        resourceIndex(of: route).map { resources.resources[$0].id.description }
    }

    func subscription(of route: Route) -> String? {
        switch route {
        case .list(let subscription, _): subscription
        case .lifecycle(let lifecycle): lifecycle.subscription
        default: route.resourcePath?.subscription
        }
    }
}
