import FoundationEssentials
import KeyturnConfig

/// The line of a file that a diagnostic is about, with a caret below the place.
struct Excerpt {
    /// What is shown of a line at most, in characters.
    private static let width = 100
    private var files: [String: [Substring]] = [:]

    /// Two lines, the first with its number; nil when the file has no such line any more.
    mutating func text(of diagnostic: Diagnostic) -> String? {
        let lines = lines(of: diagnostic.file)
        guard lines.indices.contains(diagnostic.line - 1) else { return nil }
        return Self.text(lines[diagnostic.line - 1], number: diagnostic.line, column: diagnostic.column)
    }

    /// - Parameter column: counts the Unicode scalars from 1, as an editor's columns do.
    static func text(_ line: some StringProtocol, number: Int, column: Int) -> String? {
        let scalars = Array(
            masked(String(line)).unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 })
        guard !scalars.isEmpty, column >= 1 else { return nil }
        let place = min(column - 1, scalars.count)
        // A long line is cut on both sides of the place.
        let start = scalars.count <= width ? 0 : max(0, min(place - width / 2, scalars.count - width))
        let end = min(scalars.count, start + width)
        var shown = String.UnicodeScalarView()
        shown.append(contentsOf: scalars[start..<end])
        let before = start > 0 ? "…" : ""
        let gutter = String(repeating: " ", count: max(0, 5 - "\(number)".count)) + "\(number) | "
        let below = String(repeating: " ", count: max(5, "\(number)".count)) + " | "
        let indent = String(repeating: " ", count: before.count + place - start)
        return "\(gutter)\(before)\(String(shown))\(end < scalars.count ? "…" : "")\n\(below)\(indent)^"
    }

    /// Whoever puts a secret into the file finds it neither in a terminal's history nor in the log of a build.
    private static func masked(_ line: String) -> String {
        guard let colon = line.firstIndex(of: ":") else { return line }
        let key = line[..<colon].lowercased()
        let isSecret = ["secret", "password", "accesskey", "connectionstring", "token"].contains { key.contains($0) }
        let isReference = ["file", "credential", "secrets"].contains { key.hasSuffix($0) }
        let value = line[line.index(after: colon)...]
        guard isSecret, !isReference || value.contains("accesskey="), value.contains(where: { $0 != " " }) else {
            return value.lowercased().contains("accesskey=") ? "\(line[...colon]) …" : line
        }
        return "\(line[...colon]) …"
    }

    private mutating func lines(of file: String) -> [Substring] {
        if let known = files[file] { return known }
        let text = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        files[file] = lines
        return lines
    }
}
