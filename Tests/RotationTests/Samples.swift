import Rotation
import Testing

/// A made-up fingerprint, a different one for every number.
func fingerprint(_ number: Int) -> Fingerprint {
    let digits = String(number, radix: 16)
    guard let made = Fingerprint(hex: String(repeating: "0", count: 16 - digits.count) + digits) else {
        preconditionFailure("\(number) is not a number for a fingerprint")
    }
    return made
}

func keys(_ primary: Int, _ secondary: Int, at endpoint: String? = nil) -> KeyFingerprints {
    KeyFingerprints(primary: fingerprint(primary), secondary: fingerprint(secondary), endpoint: endpoint)
}

extension Policy {
    /// A month with a day of overlap; what a test is about is changed by `adjust`.
    static func sample(_ adjust: (inout Policy) -> Void = { _ in }) -> Policy {
        var policy = Policy(every: .days(30), overlap: .hours(24))
        adjust(&policy)
        return policy
    }
}

extension Duration {
    static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }
    static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }
    static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
}

extension RotationSettings {
    static func sample(consumers: [String] = ["contoso-sms.service"], _ adjust: (inout Policy) -> Void = { _ in })
        -> RotationSettings
    {
        RotationSettings(name: "contoso-sms", policy: .sample(adjust), consumers: consumers)
    }
}

extension SecretsView {
    /// Files as they were published.
    static func published(
        _ key: Int, _ keyType: KeyType, version: Int = 1, at: Instant? = nil, endpoint: String? = nil
    ) -> SecretsView {
        SecretsView(
            fingerprint: keys(key, key).primary, endpoint: endpoint, keyType: keyType, version: version,
            publishedAt: at, previousGoodUntil: nil, intact: true)
    }
}

extension Failure {
    static let lost = Failure(.timeout, "no answer within 60 s")
    static let refused = Failure(.forbidden, "the identity may not regenerate keys", requestID: "request-1")
    static let denied = Failure(.keyDenied, "401 Denied")
    static let unreachable = Failure(.unreachable, "connection refused")
}
