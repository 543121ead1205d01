import Glibc
import Rotation

/// The time zones of this machine: a directory of TZif files, as tzdata installs it.
package struct TimeZoneDirectory: Sendable {
    /// Why there is no such time zone; a sentence without a capital or a full stop.
    package struct Unknown: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    package let path: String

    package init(path: String = "/usr/share/zoneinfo") {
        self.path = path
    }

    private static let largestFile = 1 << 20

    /// Reads a zone by its name in tzdata: `Europe/Berlin`. Each call reads the file anew, so that what tzdata changed
    /// takes effect.
    package func zone(named name: String) throws(Unknown) -> TimeZoneRules {
        guard Self.isName(name) else {
            throw Unknown(
                description: "'\(name.prefix(64))' is no name of a time zone; write one such as Europe/Berlin")
        }
        if name == "UTC" { return .utc }
        guard let bytes = Self.contents("\(path)/\(name)") else {
            let hint = access("\(path)/UTC", R_OK) == 0 ? "" : "; \(path) has none: install the package tzdata"
            throw Unknown(description: "there is no time zone '\(name)'\(hint)")
        }
        var reader = TZifReader(bytes)
        do {
            return try reader.read(name: name)
        } catch {
            throw Unknown(description: "the time zone '\(name)' cannot be read: \(path)/\(name): \(error)")
        }
    }

    /// The zone of this machine (localtime(5)); UTC when there is none.
    package func local(link: String = "/etc/localtime") -> TimeZoneRules {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlink(link, &buffer, Int(PATH_MAX))
        guard length > 0 else { return .utc }
        let target = String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let range = target.firstRange(of: "zoneinfo/") else { return .utc }
        return (try? zone(named: String(target[range.upperBound...]))) ?? .utc
    }

    /// As in tzdata's own names: letters, digits and `+-_` in parts between slashes.
    static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return name.utf8.count <= 64
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
                            || [UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
                    }
            }
    }

    private static func contents(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= largestFile
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            filled += count
        }
        return bytes
    }

    /// Every zone's name, from tzdata's own table; none when that cannot be read.
    package func names() -> [String] {
        guard let bytes = Self.contents("\(path)/tzdata.zi") else { return [] }
        var names: [String] = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            switch words.first {
            case "Z" where words.count > 1: names.append(String(words[1]))
            case "L" where words.count > 2: names.append(String(words[2]))
            default: break
            }
        }
        return names
    }
}
