import AcsEmulator
import FoundationEssentials
import Glibc
import Testing

extension Lab {
    /// The ending of files that are meant to hold secrets: what `keyturn regenerate` prints, and a client secret.
    static let secretSuffix = ".secret"

    /// Looks through every file of the lab outside the secrets directory for any key, token or client secret, also for
    /// one that was cut short.
    func expectNoLeak(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let needles = emulator.secretsEverMade.map { String($0.prefix(20)) }
        #expect(needles.allSatisfy { $0.utf8.count == 20 }, sourceLocation: sourceLocation)
        for path in try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
        where !path.hasPrefix("secrets/") && !path.hasSuffix(Self.secretSuffix) {
            guard let bytes = FileManager.default.contents(atPath: "\(directory)/\(path)") else { continue }
            // One C string, whatever is in the file.
            let text = bytes.map { CChar(bitPattern: $0 == 0 ? 0x20 : $0) } + [0]
            let leaked = needles.contains { strstr(text, $0) != nil }
            #expect(!leaked, "a secret stands in \(path)", sourceLocation: sourceLocation)
        }
    }
}
