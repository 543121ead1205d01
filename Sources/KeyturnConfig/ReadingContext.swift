/// What the readers of all sections share.
struct ReadingContext {
    let diagnostics: DiagnosticCollector
    let surroundings: ConfigurationSurroundings
    /// The directory of the main file, without a slash at its end: where relative paths start, whichever file they
    /// are in. Empty when the main file was named without a directory.
    let directory: String

    init(mainFile: String, _ surroundings: ConfigurationSurroundings, _ diagnostics: DiagnosticCollector) {
        self.diagnostics = diagnostics
        self.surroundings = surroundings
        let slash = mainFile.lastIndex(of: "/")
        directory = slash.map { $0 == mainFile.startIndex ? "/" : String(mainFile[..<$0]) } ?? ""
    }

    /// A path: absolute as it is, else from the main file's directory, with `.` and `..` worked out in the text.
    ///
    /// - Parameter isSecret: whoever pastes a secret where its path belongs must not read it in the journal.
    func path(_ node: YAMLNode, _ what: String, isSecret: Bool = false) -> String? {
        guard let text = node.text(what, "a path", diagnostics) else { return nil }
        if isSecret, !text.contains("/") {
            diagnostics.error(
                "\(what) must be a path with a '/' in it", hint: "for a file beside this one write ./NAME",
                at: node.mark)
            return nil
        }
        if let first = text.first, "~$%".contains(first) {
            diagnostics.error(
                "\(what) begins with '\(first)', which is not expanded here", hint: "write the path out", at: node.mark)
            return nil
        }
        let path = Self.simplified(text.hasPrefix("/") || directory.isEmpty ? text : directory + "/" + text)
        guard path.utf8.count < 4096 else {
            diagnostics.error("\(what) is longer than a path can be (4095 bytes)", at: node.mark)
            return nil
        }
        return path
    }

    private static func simplified(_ path: String) -> String {
        let isAbsolute = path.hasPrefix("/")
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isAbsolute {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return isAbsolute ? "/" + joined : joined.isEmpty ? "." : joined
    }
}
