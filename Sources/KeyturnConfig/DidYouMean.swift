/// Finds what somebody meant who wrote something else.
package enum DidYouMean {
    /// The candidate that takes the fewest single-letter edits from `word`, when that is few enough to be a slip.
    static func candidate(for word: String, among candidates: some Sequence<String>) -> String? {
        self.candidates(for: word, among: candidates, atMost: 1).first
    }

    /// Those of them that take few single-letter edits, the nearest first; also those that end in the word, for who
    /// writes `Berlin` means `Europe/Berlin`.
    package static func candidates(
        for word: String, among candidates: some Sequence<String>, atMost limit: Int = 3
    ) -> [String] {
        guard word.utf8.count <= 64 else { return [] }
        let typed = Array(normalized(word))
        var close: [(candidate: String, distance: Int)] = []
        for candidate in candidates where candidate.utf8.count <= 64 {
            let meant = Array(normalized(candidate))
            if limit > 1, typed.count >= 3, candidate.lowercased().hasSuffix("/" + word.lowercased()) {
                close.append((candidate, 0))
                continue
            }
            guard !meant.isEmpty, abs(meant.count - typed.count) <= 3 else { continue }
            let distance = distance(typed, meant)
            guard distance <= min(3, max(1, min(typed.count, meant.count) / 3)) else { continue }
            close.append((candidate, distance))
        }
        // Of several that are as near, the first.
        let order = close.indices.sorted { (close[$0].distance, $0) < (close[$1].distance, $1) }
        return order.prefix(limit).map { close[$0].candidate }
    }

    static func hint(for word: String, among candidates: some Sequence<String>) -> String? {
        candidate(for: word, among: candidates).map { "did you mean '\($0)'?" }
    }

    /// `max_age`, `max-age` and `MaxAge` are all slips for `maxAge`.
    private static func normalized(_ word: String) -> [UInt8] {
        word.lowercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for i in 1...left.count {
            var row = [i]
            for j in 1...right.count {
                let replaced = previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
                var cost = min(replaced, previous[j] + 1, row[j - 1] + 1)
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    cost = min(cost, beforePrevious[j - 2] + 1)
                }
                row.append(cost)
            }
            (beforePrevious, previous) = (previous, row)
        }
        return previous[right.count]
    }
}
