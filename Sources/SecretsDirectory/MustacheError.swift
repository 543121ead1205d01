/// Why a template is refused, and where in it: both counted from 1, the column in Unicode scalars.
package struct MustacheError: Error, Hashable, Sendable {
    package let line: Int
    package let column: Int
    /// What is wrong and what to do; it begins in lower case, to stand after a position.
    package let message: String

    package init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }
}

extension MustacheError: CustomStringConvertible {
    package var description: String { "\(line):\(column): \(message)" }
}
