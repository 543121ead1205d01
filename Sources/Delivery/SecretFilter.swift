/// Takes keys out of what a command printed, should it have printed the file it was told to read.
enum SecretFilter {
    /// The line with the value of every `accesskey=`, and every run of 80 or more base64 characters, escaped or not,
    /// replaced.
    static func filtered(_ line: String) -> String {
        withoutLongRuns(withoutAccessKeys(line))
    }

    private static func withoutAccessKeys(_ line: String) -> String {
        let marker = "accesskey="
        var result = ""
        var rest = line[...]
        while let found = position(of: marker, in: rest) {
            let value = rest.index(found, offsetBy: marker.count)
            let end = rest[value...].firstIndex { ";\"' \t".contains($0) } ?? rest.endIndex
            result += rest[..<value] + "<removed>"
            rest = rest[end...]
        }
        return result + rest
    }

    private static func position(of marker: String, in text: Substring) -> Substring.Index? {
        text.indices.first { text[$0...].prefix(marker.count).lowercased() == marker }
    }

    private static func withoutLongRuns(_ line: String) -> String {
        var result = ""
        var run = ""
        for character in line {
            if character.isASCII, character.isLetter || character.isNumber || "+/=\\%".contains(character) {
                run.append(character)
            } else {
                result += replaced(run)
                result.append(character)
                run = ""
            }
        }
        return result + replaced(run)
    }

    private static func replaced(_ run: String) -> String {
        run.utf8.count >= 80 ? "<removed>" : run
    }
}
