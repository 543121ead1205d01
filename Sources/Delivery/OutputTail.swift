/// The end of what a command wrote: the part that says why it failed.
struct OutputTail: Sendable {
    private let limit: Int
    private var bytes: [UInt8] = []
    private(set) var isTruncated = false

    /// - Parameter limit: how many bytes are kept.
    init(limit: Int = 8192) {
        self.limit = limit
    }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: more)
        if bytes.count > limit {
            bytes.removeFirst(bytes.count - limit)
            isTruncated = true
        }
    }

    /// Its lines without the empty ones; a first line that lacks its beginning is left out when others follow, or else
    /// its first word.
    var lines: [String] {
        var lines = bytes.split(omittingEmptySubsequences: false) { $0 == 0x0a || $0 == 0x0d }
        if isTruncated, lines.count > 1 {
            lines.removeFirst()
        } else if isTruncated, let only = lines.first {
            // It may begin in the middle of a key.
            lines = [only.drop { !" \t\";,:".utf8.contains($0) }]
        }
        return lines.map { String(decoding: $0, as: UTF8.self) }.filter { !$0.allSatisfy(\.isWhitespace) }
    }
}
