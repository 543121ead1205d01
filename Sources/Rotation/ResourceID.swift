/// The ARM resource id of one CommunicationService resource.
///
/// Names are kept as written and compared without regard to case, as ARM does.
/// Limits: subscription is a UUID, resource group 1 to 90 characters, name 1 to 63 of `[-\w]`
/// (Microsoft.Communication REST specification 2026-03-18).
package struct ResourceID: Sendable {
    private struct Parts: Hashable, Sendable {
        let subscription: String
        let resourceGroup: String
        let name: String
    }

    private let parts: Boxed<Parts>

    package var subscription: String { parts.value.subscription }
    package var resourceGroup: String { parts.value.resourceGroup }
    package var name: String { parts.value.name }

    /// Why a resource id, or a part of one, is refused; a sentence for the person who wrote it.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let description: String
        package init(_ description: String) { self.description = description }
    }

    package init(subscription: String, resourceGroup: String, name: String) throws(Malformed) {
        guard Self.isUUID(subscription) else {
            throw Malformed("the subscription must be a UUID such as 00000000-0000-0000-0000-000000000000")
        }
        guard (1...90).contains(resourceGroup.count), resourceGroup.allSatisfy(Self.isResourceGroupCharacter),
            resourceGroup.last != "."
        else {
            throw Malformed(
                "the resource group must have 1 to 90 letters, digits, '-', '_', '(', ')' or '.', and no '.' at its end"
            )
        }
        guard (1...63).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameByte) else {
            throw Malformed("the CommunicationService name must have 1 to 63 letters, digits, '-' or '_'")
        }
        parts = Boxed(Parts(subscription: subscription, resourceGroup: resourceGroup, name: name))
    }

    /// Reads `/subscriptions/…/resourceGroups/…/providers/Microsoft.Communication/communicationServices/…`.
    package init(_ text: String) throws(Malformed) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let fixed = [
            (1, "subscriptions"), (3, "resourceGroups"), (5, "providers"), (6, "Microsoft.Communication"),
            (7, "communicationServices"),
        ]
        guard parts.count == 9, parts[0].isEmpty else {
            throw Malformed("expected \(Self.form)")
        }
        for (position, word) in fixed where parts[position].lowercased() != word.lowercased() {
            throw Malformed("'\(parts[position])' should be '\(word)'; expected \(Self.form)")
        }
        try self.init(subscription: parts[2], resourceGroup: parts[4], name: parts[8])
    }

    private static let form =
        "/subscriptions/UUID/resourceGroups/GROUP/providers/Microsoft.Communication/communicationServices/NAME"

    private static func isUUID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && groups.allSatisfy { $0.utf8.allSatisfy { byte in Character(Unicode.Scalar(byte)).isHexDigit } }
    }

    private static func isResourceGroupCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "-_().".contains(character)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == "_")
    }
}

extension ResourceID: CustomStringConvertible, Hashable, Codable {
    package var description: String {
        "/subscriptions/\(subscription)/resourceGroups/\(resourceGroup)"
            + "/providers/Microsoft.Communication/communicationServices/\(name)"
    }

    package static func == (left: ResourceID, right: ResourceID) -> Bool {
        left.parts === right.parts
            || isSame(left.name, right.name) && isSame(left.resourceGroup, right.resourceGroup)
                && isSame(left.subscription, right.subscription)
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left == right
            || isSameInASCII(left.utf8Span.span, right.utf8Span.span)
                ?? (left.lowercased() == right.lowercased())
    }

    /// nil: one of them has other letters than those of ASCII.
    private static func isSameInASCII(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool? {
        var isSame = left.count == right.count
        for index in left.indices {
            if left[index] >= 0x80 { return nil }
            if isSame { isSame = lowercased(left[index]) == lowercased(right[index]) }
        }
        for index in right.indices where right[index] >= 0x80 { return nil }
        return isSame
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(description.lowercased())
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(container.decode(String.self))
        } catch let malformed as Malformed {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: malformed.description)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
