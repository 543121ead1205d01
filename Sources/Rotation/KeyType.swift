/// Azure's word for one of the two access keys of a CommunicationService resource.
///
/// The raw value is what is sent to Azure: always capitalised, because a lower-case value fails validation there.
package enum KeyType: String, Codable, CaseIterable, Sendable {
    case primary = "Primary"
    case secondary = "Secondary"

    /// The key type that is not this one.
    package var other: KeyType {
        switch self {
        case .primary: .secondary
        case .secondary: .primary
        }
    }

    /// Reads what a person typed, in any case; nil when it is neither key type.
    package init?(anyCase text: String) {
        guard let match = KeyType.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
            return nil
        }
        self = match
    }
}

extension KeyType: CustomStringConvertible {
    package var description: String { rawValue }
}
