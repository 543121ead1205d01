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
    private let scheme: String
    var resources: ResourceBook
    var faults = FaultTable()
    var log = CallLog()
    var tokens: TokenMint
    var landings: [Landing] = []
    /// Keys that the Arc agent waits for, and the files they are in.
    var arcChallenges: [String: String] = [:]
    private var buckets: [String: TokenBucket] = [:]

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
        try faults.replace(configuration.faults, in: resources)
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

    /// Charges a call to its subscription's bucket: POSTs are writes, whatever they do.
    mutating func charge(subscription: String, write: Bool, now: Date) -> TokenBucket.Decision {
        let limit = write ? configuration.writeLimit : configuration.readLimit
        let key = "\(subscription.lowercased())/\(write ? "writes" : "reads")"
        return buckets[
            key, default: TokenBucket(capacity: limit.capacity, refillPerSecond: limit.refillPerSecond, now: now)
        ].take(now: now)
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
        let propagation = strike(.propagationDelay, &exchange) ?? 0
        let linger = strike(.oldKeyLingers, &exchange) ?? 0
        let change = resources.regenerate(
            resource, changed, now: now, propagation: Double(propagation) / 1000, linger: Double(linger) / 1000)
        exchange.entry.changedKeyType = change.keyType
        exchange.entry.fingerprintBefore = change.before
        exchange.entry.fingerprintAfter = change.after
    }
}
