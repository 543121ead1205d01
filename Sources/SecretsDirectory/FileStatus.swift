/// What fstat(2) tells of a file, as far as it matters here.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case directory, regular, symbolicLink, other
    }

    package var kind: Kind
    package var permissions: Permissions
    /// In bytes.
    package var size: Int64
    /// How many names the file has.
    package var links: UInt64

    package init(kind: Kind, permissions: Permissions, size: Int64, links: UInt64) {
        self.kind = kind
        self.permissions = permissions
        self.size = size
        self.links = links
    }
}

/// Who may do what with a file: the twelve mode bits, the user and the group.
package struct Permissions: Hashable, Sendable {
    package var mode: UInt32
    package var owner: UInt32
    package var group: UInt32

    package init(mode: UInt32, owner: UInt32, group: UInt32) {
        self.mode = mode
        self.owner = owner
        self.group = group
    }

    /// How these differ from the wanted ones, as in `mode 0644 instead of 0640`; empty when they do not.
    func differences(from wanted: Permissions) -> [String] {
        var differences: [String] = []
        if mode != wanted.mode {
            differences.append("mode \(octal(mode)) instead of \(octal(wanted.mode))")
        }
        if owner != wanted.owner {
            differences.append("owner \(owner) instead of \(wanted.owner)")
        }
        if group != wanted.group {
            differences.append("group \(group) instead of \(wanted.group)")
        }
        return differences
    }
}

/// Mode bits as chmod(1) takes them: `0640`.
func octal(_ mode: UInt32) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
