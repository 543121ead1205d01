/// A place in a configuration file.
package struct SourceMark: Hashable, Sendable {
    /// The path as it was given to `Configuration.parse`.
    package let file: String
    /// From 1. Lines end with LF, CR LF or CR.
    package let line: Int
    /// From 1, in Unicode code points.
    package let column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

extension SourceMark: CustomStringConvertible {
    package var description: String { "\(file):\(line):\(column)" }
}
