import KeyMaterial

/// Makes text from outside fit for logs and error messages: nothing that looks like a key or a token stays in it.
enum Redaction {
    static let placeholder = "<redacted>"

    /// Shortest run of base64 or token characters that is taken for a secret: 24 bytes, less than any key or token has.
    private static let shortestSecret = 32

    /// The text on one line, without the known secrets and what looks like one, at most `limit` characters long.
    static func clean(_ text: String, without known: [Secret] = [], limit: Int = 800) -> String {
        var text = text
        for secret in known where !secret.isEmpty {
            secret.withExposedText { text = text.replacing($0, with: placeholder) }
        }
        text = redactingRuns(text)
        text = String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 }.filter { !$0.isControl })
        guard text.count > limit else { return text }
        return text.prefix(limit) + "…"
    }

    private static func redactingRuns(_ text: String) -> String {
        var result = ""
        var run = ""
        for character in text {
            if isRunCharacter(character) {
                run.append(character)
            } else {
                result += reviewed(run)
                run = ""
                result.append(character)
            }
        }
        return result + reviewed(run)
    }

    private static func reviewed(_ run: String) -> String {
        run.utf8.count < shortestSecret || isIdentifier(run) ? run : placeholder
    }

    private static func isRunCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "+/_=~.-".contains(character))
    }

    /// Long texts that are worth reading and hold no secret: UUIDs, names of actions, ids of resources.
    private static func isIdentifier(_ run: String) -> Bool {
        let trimmed = run.hasSuffix(".") ? run.dropLast() : run[...]
        let groups = trimmed.split(separator: "-", omittingEmptySubsequences: false)
        if groups.map(\.utf8.count) == [8, 4, 4, 4, 12] { return trimmed.allSatisfy { $0.isHexDigit || $0 == "-" } }
        let lower = trimmed.lowercased()
        guard lower.hasPrefix("/subscriptions/") || lower.hasPrefix("microsoft.") else { return false }
        return trimmed.split(separator: "/").allSatisfy { $0.utf8.count <= 63 }
            && !trimmed.contains { "+=~".contains($0) }
    }
}

extension Character {
    fileprivate var isControl: Bool {
        unicodeScalars.allSatisfy { $0.properties.generalCategory == .control }
    }
}

extension Redaction {
    /// An id of a request: `x-azure-ref` is base64 of some eighty characters, so it is only cut to what ids consist of.
    static func cleanIdentifier(_ text: String) -> String {
        String(text.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "+/_=~.-:{}".contains($0)) }.prefix(128))
    }
}
