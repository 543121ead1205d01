/// What a descriptor stands for.
struct ModelDiskHandle {
    var inode: Int
    /// `O_PATH`: good for naming things in it, not for what it holds.
    var isPath: Bool
    var reads: Bool
    var writes: Bool
    var appends: Bool
    /// Where the next read or write begins.
    var offset = 0
}
