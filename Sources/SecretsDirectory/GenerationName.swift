/// The name of a generation directory: `..v42`, or `..v42.1` when version 42 had to be written again.
struct GenerationName: Hashable, Comparable {
    let version: Int
    let attempt: Int

    init(version: Int, attempt: Int = 0) {
        self.version = version
        self.attempt = attempt
    }

    /// nil unless the text is exactly a name as `text` gives.
    init?(_ text: String) {
        guard text.hasPrefix("..v") else { return nil }
        let parts = text.dropFirst(3).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let version = parts.first.flatMap({ Int($0) }) else { return nil }
        guard let attempt = parts.count == 2 ? Int(parts[1]) : 0 else { return nil }
        self.init(version: version, attempt: attempt)
        guard self.text == text else { return nil }
    }

    var text: String {
        attempt == 0 ? "..v\(version)" : "..v\(version).\(attempt)"
    }

    static func < (left: GenerationName, right: GenerationName) -> Bool {
        (left.version, left.attempt) < (right.version, right.attempt)
    }
}
