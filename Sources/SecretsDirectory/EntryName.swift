import Rotation

/// Which names may be used for a resource's directory and for the files in it.
package enum EntryName {
    /// The longest name in bytes: what Azure allows a CommunicationService.
    package static let maximumLength = 63

    /// Why the name cannot be used, as the end of a sentence that begins with the name; nil when it can.
    package static func problem(with name: String) -> String? {
        guard (1...maximumLength).contains(name.utf8.count) else {
            return "must have 1 to \(maximumLength) characters"
        }
        guard name.utf8.allSatisfy(isAllowed) else {
            return "may only have letters, digits, '.', '_' and '-'"
        }
        return name.hasPrefix(".") ? "must not begin with '.'" : nil
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
