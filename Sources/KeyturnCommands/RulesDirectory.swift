import Glibc
import Systemd

/// A directory that polkitd watches for rules.
struct RulesDirectory {
    enum Outcome {
        case written, unchanged, removed, none
    }

    static let usualPath = "/etc/polkit-1/rules.d"
    static let usualUser = "keyturn"
    private static let name = "60-keyturn.rules"

    let path: String

    var file: String { path + "/" + Self.name }

    var exists: Bool { access(path, F_OK) == 0 }

    /// Makes the file what it should be, at once: polkitd takes up what is renamed into its directory.
    func put(_ rules: PolkitRules) throws(AtomicFile.Failed) -> Outcome {
        let present = Self.text(of: file)
        guard !rules.grants.isEmpty else {
            guard present?.hasPrefix(PolkitRules.heading) == true else { return .none }
            guard unlink(file) == 0 else { throw AtomicFile.Failed("removing") }
            return .removed
        }
        guard present != rules.text else { return .unchanged }
        try AtomicFile.write(Array(rules.text.utf8), to: Self.name, in: path, mode: 0o644)
        return .written
    }

    /// The texts of all rules in the places where polkit looks, beside our own file; nil when they may not be read.
    static func others() -> [String]? {
        let directories = [
            "/etc/polkit-1/rules.d", "/run/polkit-1/rules.d", "/usr/local/share/polkit-1/rules.d",
            "/usr/share/polkit-1/rules.d",
        ]
        var texts: [String] = []
        for directory in directories {
            guard let stream = opendir(directory) else {
                if errno == ENOENT { continue }
                return nil
            }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name.hasSuffix(".rules"), name != Self.name else { continue }
                guard let text = text(of: "\(directory)/\(name)") else { return nil }
                texts.append(text)
            }
        }
        return texts
    }

    /// The content of a small file; nil when it cannot be read.
    static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 4 << 20 {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
