/// Azure's word for one of a resource's two access keys. The raw value is the only spelling that `regenerateKey` takes.
package enum EmulatedKeyType: String, Codable, CaseIterable, Sendable {
    case primary = "Primary"
    case secondary = "Secondary"

    package var other: EmulatedKeyType {
        switch self {
        case .primary: .secondary
        case .secondary: .primary
        }
    }
}
