/// The kinds of system calls on a `ModelDisk`.
package enum ModelDiskOperation: Hashable, Sendable, CaseIterable {
    /// Opening what exists.
    case open
    /// Opening with `O_CREAT`.
    case create
    case makeDirectory, makeLink, rename, unlink, write, fsync, chmod, chown
    case status, readLink, read, list

    /// Whether it can make a difference for anybody else or after a power failure.
    package var changes: Bool {
        switch self {
        case .create, .makeDirectory, .makeLink, .rename, .unlink, .write, .fsync, .chmod, .chown: true
        case .open, .status, .readLink, .read, .list: false
        }
    }
}
