extension Configuration {
    /// Why a policy cannot have this name; nil when it can.
    package static func problem(ofPolicyName name: String) -> String? { Names.problem(name) }
}

/// The rules for names, each as the reason why a name is refused; nil for a good one.
enum Names {
    /// Names that people give to resources and policies. They become directories, arguments and journal fields.
    static func problem(_ name: String) -> String? {
        guard let first = name.utf8.first, isAlphanumeric(first) || first == UInt8(ascii: "_"), name.utf8.count <= 63,
            name.utf8.allSatisfy({ isAlphanumeric($0) || "-_.".utf8.contains($0) })
        else {
            return "must have 1 to 63 letters, digits, '-', '_' or '.', and begin with a letter, a digit or '_'"
        }
        return nil
    }

    /// A user or group: a name as systemd takes it (systemd.io/USER_NAMES), or a number.
    static func accountProblem(_ name: String) -> String? {
        if name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            // 65535 and 4294967295 are -1 to some system calls (systemd.io/UIDS-GIDS).
            guard let id = UInt32(name), id != 65535, id != .max else {
                return "is no usable number of a user or a group"
            }
            return nil
        }
        guard let first = name.utf8.first, isLetter(first) || first == UInt8(ascii: "_"), name.utf8.count <= 31,
            name.utf8.allSatisfy({ isAlphanumeric($0) || "-_.".utf8.contains($0) })
        else { return "must be a name or a number" }
        return nil
    }

    /// The name of a credential: a file name without ':' in printable ASCII (systemd.exec(5), `LoadCredential=`).
    static func isSystemdCredential(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count) && name != "." && name != ".."
            && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && !":/".utf8.contains($0) }
    }

    /// A Microsoft Entra tenant: its UUID or one of its domains.
    static func isTenant(_ text: String) -> Bool {
        isUUID(text)
            || text.contains(".") && text.utf8.count <= 253
                && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
                    !$0.isEmpty && $0.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
                }
    }

    static func isUUID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && groups.allSatisfy { $0.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit } }
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLetter(byte) || (0x30...0x39).contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
