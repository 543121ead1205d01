import SecretsDirectory

/// A file, a directory or a symbolic link: as the running system sees it, and what of that is certainly on the disk.
struct ModelDiskInode {
    var kind: FileStatus.Kind
    var permissions: Permissions
    var durablePermissions: Permissions
    /// What they have been since they were durable, each with the number of the disk's change; the present ones last.
    var pendingPermissions: [(number: Int, permissions: Permissions)] = []

    /// Of a file.
    var content: [UInt8] = []
    var durableContent: [UInt8] = []
    /// Whether `content` may be something else on the disk.
    var isDirty = false
    /// An fsync failed: the next one finds nothing to write, so what was dirty stays so until the file is truncated.
    var isLost = false

    /// Of a symbolic link.
    var target = ""

    /// Of a directory, as the running system sees it.
    var entries = ModelDiskEntries()
    /// What may be missing of that on the disk, the oldest first.
    var pendingChanges: [ModelDiskChange] = []
    /// How many of these a failed fsync has put out of reach of the next one, as long as none is added.
    var lostChanges = 0
    var subdirectories = 0

    /// The directory it is in; -1 of the topmost one and of what has no name any more.
    var parent: Int
    /// How many names it has.
    var names = 0
    /// Names, descriptors and pending changes that lead to it. It goes with the last of them.
    var references = 0
    /// The number of the disk's last change at or below it.
    var lastChange = 0

    init(kind: FileStatus.Kind, permissions: Permissions, parent: Int) {
        self.kind = kind
        self.permissions = permissions
        durablePermissions = permissions
        self.parent = parent
    }
}
