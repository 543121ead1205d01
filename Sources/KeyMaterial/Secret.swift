/// Text that must not be printed. Every way of turning it into text (interpolation, `print`, `dump`, reflection, string
/// conversion) gives `<secret>`; `withExposedText` is the only way to the content, and what calls it can be searched for.
package struct Secret: Hashable, Sendable {
    private let content: String

    package init(_ content: String) {
        self.content = content
    }

    package var isEmpty: Bool { content.isEmpty }

    /// Hands the content to `body`, for sending it or writing it into the secrets directory.
    package func withExposedText<Result, Failure: Error>(_ body: (String) throws(Failure) -> Result) throws(Failure)
        -> Result
    {
        try body(content)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<secret>" }
    package var debugDescription: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
