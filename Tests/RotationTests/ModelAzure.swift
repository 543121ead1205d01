import Rotation

/// Two keys that change when they are regenerated, at once or later.
struct ModelAzure {
    private(set) var keys = KeyFingerprints(primary: fingerprint(1), secondary: fingerprint(2))
    private var made = 2
    private(set) var landings: [(at: Instant, keyType: KeyType)] = []
    /// A key is refused by the data plane until then.
    private var refusedUntil: [Fingerprint: Instant] = [:]

    @discardableResult
    mutating func regenerate(_ keyType: KeyType, refusedUntil: Instant? = nil) -> Fingerprint {
        made += 1
        keys[keyType] = fingerprint(made)
        self.refusedUntil[keys[keyType]] = refusedUntil
        return keys[keyType]
    }

    /// A regenerate runs, but only later.
    mutating func land(_ keyType: KeyType, at: Instant) {
        landings.append((at, keyType))
    }

    /// Runs the regenerates that land until `now`, and says of which key types.
    mutating func advance(to now: Instant) -> [KeyType] {
        let due = landings.filter { $0.at <= now }.map(\.keyType)
        landings.removeAll { $0.at <= now }
        for keyType in due { regenerate(keyType) }
        return due
    }

    func lives(_ fingerprint: Fingerprint) -> Bool { keys.keyType(of: fingerprint) != nil }

    func accepts(_ fingerprint: Fingerprint, _ now: Instant) -> Bool {
        lives(fingerprint) && refusedUntil[fingerprint] ?? now <= now
    }

    mutating func acceptEverything() {
        refusedUntil = [:]
    }
}
