/// One system call whose directory or file is the n-th of the descriptors opened so far.
enum DiskCall {
    case open(Int, String, flags: Int32, mode: UInt32)
    case makeDirectory(Int, String, mode: UInt32)
    case makeLink(String, Int, String)
    case rename(Int, String, to: String)
    case unlink(Int, String, flags: Int32)
    case write(Int, [UInt8])
    case fsync(Int)
    case chmod(Int, UInt32)
    case chown(Int, owner: UInt32, group: UInt32)
    case status(Int)
    case statusAt(Int, String)
    case readLink(Int, String)
    case read(Int, upTo: Int)
    case list(Int)
    case close(Int)
}
