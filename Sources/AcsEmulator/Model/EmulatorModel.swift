import FoundationEssentials

/// The emulated Azure: a value that changes only through its functions, each of which is told what time it is.
///
/// What happens later (a late landing) is not done by a timer: every function first brings the model up to `now`, so
/// that nobody can see a state in between.
struct EmulatorModel: Sendable {
    let configuration: EmulatorConfiguration
    /// Where it listens.
    var port: Int {
        didSet { tokens.origin = origin }
    }
    let scheme: String
    var resources: ResourceBook
    var faults = FaultTable()
    var log = CallLog()
    var tokens: TokenMint
    var landings: [Landing] = []
    /// Keys that the Arc agent waits for, and the files they are in.
    var arcChallenges: [String: String] = [:]
    var pendingOperations: [String: PendingOperation] = [:]
    /// By index of the resource; none for one whose data plane nobody has used.
    var dataPlanes: [Int: DataPlaneStore] = [:]
    var phoneNumberStock = PhoneNumberStock()
    /// The latest that were sent, oldest first.
    var messages: [SentMessage] = []
    private var throttle = Throttle()

    /// A regenerate that lands later.
    struct Landing: Sendable {
        let due: Date
        let exchange: Exchange
        let keyType: EmulatedKeyType
        let sequence: Int
    }

    init(_ configuration: EmulatorConfiguration, now: Date) throws(EmulatorFault.Malformed) {
        self.configuration = configuration
        port = configuration.port
        scheme = configuration.tls ? "https" : "http"
        resources = ResourceBook(configuration.resources, now: now)
        tokens = TokenMint(origin: "")
        try faults.replace(configuration.faults, in: resources.index(named:))
        tokens.origin = origin
    }

    /// `http://127.0.0.1:PORT`.
    var origin: String { "\(scheme)://\(LoopbackAddress.management):\(port)" }

    /// `http://127.0.0.N:PORT/`, as it stands in a connection string.
    func endpoint(of resource: Int) -> String {
        "\(scheme)://\(resources.resources[resource].address):\(port)/"
    }

    func connectionString(_ resource: Int, _ keyType: EmulatedKeyType) -> String {
        "endpoint=\(endpoint(of: resource));accesskey=\(resources.resources[resource][keyType].text)"
    }

    /// Lands what is due.
    mutating func advance(to now: Date) {
        guard landings.contains(where: { $0.due <= now }) else { return }
        let due = landings.filter { $0.due <= now }.sorted { $0.due < $1.due }
        landings.removeAll { $0.due <= now }
        for landing in due {
            var exchange = landing.exchange
            exchange.entry.landed = landing.sequence
            exchange.entry.faults = [.lateLanding]
            change(landing.keyType, &exchange, now: landing.due)
            log.append(exchange.entry, now: landing.due)
        }
    }

    /// The value of a fault that strikes this call; nil when none does.
    mutating func strike(_ name: EmulatorFaultName, _ exchange: inout Exchange) -> Int? {
        guard let value = faults.strike(name, exchange.operation, resource: exchange.resource) else { return nil }
        exchange.entry.faults.append(name)
        return value
    }

    /// As `strike`, when the call is of this operation; other operations that the fault is about are only told of it.
    mutating func strike(
        _ name: EmulatorFaultName, _ exchange: inout Exchange, on operation: EmulatedOperation
    ) -> Int? {
        exchange.operation == operation ? strike(name, &exchange) : nil
    }

    /// Charges a call to its bucket.
    ///
    /// - Parameter subscription: nil for a call in none.
    mutating func charge(subscription: String?, _ kind: ThrottledKind, now: Date) -> Throttle.Decision {
        let limit =
            switch kind {
            case .read: configuration.readLimit
            case .write: configuration.writeLimit
            case .delete: configuration.deleteLimit
            }
        return throttle.charge(subscription: subscription, kind, limit, now: now)
    }

    /// Regenerates a key, as the call asks and as the faults have it, and notes in the entry what happened.
    mutating func change(_ keyType: EmulatedKeyType, _ exchange: inout Exchange, now: Date) {
        guard let resource = exchange.resource else { return }
        exchange.entry.keyType = keyType
        exchange.entry.executed = true
        if strike(.noChange, &exchange) != nil {
            let fingerprint = resources.resources[resource][keyType].fingerprint
            exchange.entry.fingerprintBefore = fingerprint
            exchange.entry.fingerprintAfter = fingerprint
            return
        }
        let changed = strike(.wrongKeyType, &exchange) == nil ? keyType : keyType.other
        let spread = KeySlot.Spread(
            propagation: Double(strike(.propagationDelay, &exchange) ?? 0) / 1000,
            linger: Double(strike(.oldKeyLingers, &exchange) ?? 0) / 1000,
            flapping: Double(strike(.flapping, &exchange) ?? 0) / 1000)
        let change = resources.regenerate(resource, changed, now: now, spread)
        exchange.entry.changedKeyType = change.keyType
        exchange.entry.fingerprintBefore = change.before
        exchange.entry.fingerprintAfter = change.after
    }
}
