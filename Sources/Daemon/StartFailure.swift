/// Why the daemon did not start: what to print, and the exit status (sysexits(3)).
package struct StartFailure: Error, Hashable, Sendable {
    /// 78: what is configured has to be changed first.
    package static let configuration: Int32 = 78
    /// 75: it may work later.
    package static let temporary: Int32 = 75

    package let exitStatus: Int32
    package let lines: [String]

    package init(_ exitStatus: Int32, _ lines: [String]) {
        self.exitStatus = exitStatus
        self.lines = lines
    }
}
