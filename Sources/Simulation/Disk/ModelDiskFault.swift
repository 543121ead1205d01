/// What goes wrong with one system call on a `ModelDisk`.
package enum ModelDiskFault: Hashable, Sendable {
    /// Nothing is done, and the call fails with this `errno`. A file whose fsync fails so has lost what was not yet
    /// written: no later fsync makes it durable.
    case fails(Int32)
    /// It is done, and reported as failed with this `errno`, as network file systems do.
    case isDoneButFails(Int32)
    /// A write takes only so many bytes, at least one; other calls are not touched.
    case writesOnly(Int)
}
