/// Permission bits of a file that holds a secret.
enum FileMode {
    /// Reads `"0640"`; nil after a report.
    static func read(_ node: YAMLNode, _ what: String, _ diagnostics: DiagnosticCollector) -> UInt32? {
        guard let scalar = node.scalar(what, "a quoted octal number such as \"0640\"", diagnostics) else { return nil }
        if scalar.meaning == .number {
            report(scalar, what, node.mark, diagnostics)
            return nil
        }
        guard (3...4).contains(scalar.text.utf8.count), let mode = UInt32(scalar.text, radix: 8),
            scalar.text.utf8.allSatisfy({ (0x30...0x37).contains($0) })
        else {
            diagnostics.error(
                "\(what) must be three or four octal digits such as \"0640\", not '\(clipped(scalar.text))'",
                at: node.mark)
            return nil
        }
        if let problem = problem(mode) {
            diagnostics.error("\(what) \"\(scalar.text)\" \(problem.message)", hint: problem.hint, at: node.mark)
            return nil
        }
        return mode
    }

    private static func report(
        _ scalar: YAMLScalar, _ what: String, _ mark: SourceMark, _ diagnostics: DiagnosticCollector
    ) {
        let text = clipped(scalar.text)
        let isOctal = scalar.text.utf8.allSatisfy { (0x30...0x37).contains($0) } && scalar.text.utf8.count <= 4
        let readings =
            isOctal && scalar.text.hasPrefix("0")
            ? ": YAML 1.1 reads it as \(Int(scalar.text, radix: 8) ?? 0), YAML 1.2 as \(Int(scalar.text) ?? 0)" : ""
        diagnostics.error(
            "\(what) must be in quotes; \(text) is a number\(readings)", hint: "write \"\(text)\"", at: mark)
    }

    private static func problem(_ mode: UInt32) -> (message: String, hint: String)? {
        if mode & 0o7000 != 0 { return ("has setuid, setgid or sticky bits", "write \"0640\"") }
        if mode & 0o007 != 0 {
            return ("opens the secrets to every user", "the last digit must be 0; give them to a group, as \"0640\"")
        }
        if mode & 0o111 != 0 {
            return ("has execute bits, and a secret is no program", "directories get theirs by themselves")
        }
        if mode & 0o020 != 0 { return ("lets the group write the secrets", "write \"0640\"") }
        if mode & 0o400 == 0 { return ("does not let the owner read the file", "write \"0640\" or \"0600\"") }
        return nil
    }
}
