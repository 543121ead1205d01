import Rotation

/// Both keys of a resource with their connection strings, as one `listKeys` showed them, checked: each connection string
/// parses and contains the key that is listed beside it, both name the same endpoint, and the two keys differ.
package struct KeyListing: Hashable, Sendable {
    package let primary: ConnectionString
    package let secondary: ConnectionString
    /// The `Date` header of the answer: Azure's clock. nil when there was none.
    package let serverDate: Instant?

    package init(primary: ConnectionString, secondary: ConnectionString, serverDate: Instant?) {
        self.primary = primary
        self.secondary = secondary
        self.serverDate = serverDate
    }

    package subscript(keyType: KeyType) -> ConnectionString {
        switch keyType {
        case .primary: primary
        case .secondary: secondary
        }
    }

    package var fingerprints: KeyFingerprints {
        KeyFingerprints(
            primary: primary.fingerprint, secondary: secondary.fingerprint, endpoint: primary.endpoint)
    }
}
