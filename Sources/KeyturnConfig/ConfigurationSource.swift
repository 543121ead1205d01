/// One configuration file, already read.
package struct ConfigurationSource: Sendable {
    /// Where it was read from: stands in diagnostics, and the first source's directory is what relative paths start at.
    package let path: String
    package let bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    package init(path: String, text: String) {
        self.init(path: path, bytes: Array(text.utf8))
    }
}
