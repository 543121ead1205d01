import SecretsDirectory

/// What a call gave, as far as a model has to agree with Linux.
enum DiskOutcome: Equatable {
    case failed(Int32)
    case done
    case count(Int)
    case text(String)
    case bytes([UInt8])
    case names([String])
    case status(FileStatus)

    /// The size of a directory and how many names it has are different on every file system.
    static func comparable(_ status: FileStatus) -> DiskOutcome {
        var status = status
        if status.kind == .directory {
            status.size = 0
            status.links = 0
        }
        return .status(status)
    }
}
