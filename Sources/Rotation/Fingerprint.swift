/// The first 16 hex digits, lower case, of the SHA-256 of an access key: what may be stored, logged and compared in the
/// key's place.
package struct Fingerprint: Hashable, Sendable {
    /// The number that the digits are.
    package let value: UInt64

    package init(value: UInt64) {
        self.value = value
    }

    /// nil unless the text is exactly 16 lower-case hex digits.
    package init?(hex: String) {
        guard hex.utf8.count == 16, hex.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
            let value = UInt64(hex, radix: 16)
        else { return nil }
        self.value = value
    }

    package var hex: String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for place in 0..<16 {
                let digit = UInt8(value >> (60 - 4 * UInt64(place)) & 0xf)
                buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 16
        }
    }
}

extension Fingerprint: CustomStringConvertible, Codable {
    package var description: String { hex }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let fingerprint = Fingerprint(hex: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 16 lower-case hex digits")
        }
        self = fingerprint
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}

/// Both access keys of a resource as one `listKeys` showed them: their fingerprints, and where they are good for.
package struct KeyFingerprints: Hashable, Codable, Sendable {
    package var primary: Fingerprint
    package var secondary: Fingerprint
    /// The endpoint that both connection strings name; nil when it is not known.
    package var endpoint: String?

    package init(primary: Fingerprint, secondary: Fingerprint, endpoint: String? = nil) {
        self.primary = primary
        self.secondary = secondary
        self.endpoint = endpoint
    }

    package subscript(keyType: KeyType) -> Fingerprint {
        get {
            switch keyType {
            case .primary: primary
            case .secondary: secondary
            }
        }
        set {
            switch keyType {
            case .primary: primary = newValue
            case .secondary: secondary = newValue
            }
        }
    }

    /// The key type that has this fingerprint.
    package func keyType(of fingerprint: Fingerprint) -> KeyType? {
        KeyType.allCases.first { self[$0] == fingerprint }
    }
}
