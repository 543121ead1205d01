/// Names of systemd units, by systemd.unit(5).
enum UnitName {
    private static let suffixes = [
        "service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice", "scope",
    ]

    /// What is wrong with the name, and what was perhaps meant; nil when nothing is.
    static func problem(_ name: String) -> (message: String, hint: String?)? {
        guard name.utf8.count <= 255 else { return ("is longer than a unit name can be (255 bytes)", nil) }
        guard name.utf8.allSatisfy({ Names.isAlphanumeric($0) || ":-_.\\@".utf8.contains($0) }) else {
            return (
                "is no unit name: those have letters, digits and \":-_.\\@\"",
                name.contains("/") ? "systemd-escape(1) writes a path as a unit name" : nil
            )
        }
        guard let dot = name.lastIndex(of: "."), suffixes.contains(String(name[name.index(after: dot)...])) else {
            let end = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? ""
            let close = DidYouMean.candidate(for: end, among: suffixes)
            let meant = close.map { String(name.dropLast(end.count)) + $0 } ?? name + ".service"
            return ("has no suffix of a unit", "did you mean '\(meant)'?")
        }
        let prefix = name[..<dot]
        guard !prefix.isEmpty, !prefix.hasPrefix("@") else { return ("has nothing before its suffix", nil) }
        if prefix.hasSuffix("@") {
            return ("is a template, which cannot be reloaded", "name an instance, such as '\(prefix)1\(name[dot...])'")
        }
        return nil
    }
}
