import FoundationEssentials

/// A call on its way through the emulator.
struct Exchange: Sendable {
    let call: Call
    let route: Route
    /// nil when the call concerns no resource that exists.
    let resource: Int?
    let requestID = UUID().uuidString.lowercased()
    /// Seconds by which the emulator's clock is off for this call.
    var skew = 0
    /// What ARM's throttle has left after this call.
    var remaining: Throttle.Remaining?
    /// What the log will tell.
    var entry: EmulatorLogEntry

    var operation: EmulatedOperation { entry.operation }

    /// nil when the call carries none.
    var bearerToken: String? {
        let header = call.header("Authorization") ?? ""
        return header.lowercased().hasPrefix("bearer ") ? String(header.dropFirst("bearer ".count)) : nil
    }

    /// What the emulator's clock shows to this call.
    func clock(_ now: Date) -> Date { now.addingTimeInterval(Double(skew)) }

    enum ThrottleScope: String, Sendable {
        case tenant, subscription
    }

    /// Whose bucket the call is charged to; nil for what Resource Manager does not throttle.
    var throttleScope: ThrottleScope? {
        switch route {
        case .subscriptions: .tenant
        case .list, .get, .listKeys, .regenerateKey, .permissions, .locks, .lifecycle: .subscription
        case .managedIdentityToken, .appServiceToken, .arcToken, .clientToken, .openIDConfiguration,
            .metadataEndpoints, .dataPlane, .control, .wrongMethod, .unknown:
            nil
        }
    }

    init(_ call: Call, _ route: Route, resource: Int?) {
        self.call = call
        self.route = route
        self.resource = resource
        entry = EmulatorLogEntry(method: call.method, path: call.path, operation: route.operation)
        entry.clientRequestId = call.header("x-ms-client-request-id")
        entry.requestId = requestID
    }
}

/// What the first look at a call comes to.
enum Admission: Sendable {
    case answered(Reply)
    /// To be completed after that many milliseconds.
    case admitted(Exchange, latency: Int)
}
