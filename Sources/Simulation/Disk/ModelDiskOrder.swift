/// In which order what was not synced reaches the disk of a `ModelDisk`.
package enum ModelDiskOrder: Hashable, Sendable, CaseIterable {
    /// Any: what POSIX allows.
    case any
    /// Names, modes and owners in the order of the calls, each fsync bringing with it all that were before it, as
    /// file systems with one journal do; content in any.
    case journal
}
