/// What was done to the names of one directory and is not yet certain to be on the disk.
struct ModelDiskChange {
    enum Kind {
        /// The inode got a name: created, or linked by symlink(2) or mkdir(2).
        case add
        case remove
        /// The inode changed its name from `oldName`.
        case rename(oldName: String)
    }

    let kind: Kind
    let name: String
    let inode: Int
    /// What had the name before and lost it.
    let replaced: Int?
    /// Of the disk's changes, this one's number.
    let number: Int

    /// Makes the names what they were before the change. Only right for the last of the changes that they have seen.
    func undo(in entries: inout ModelDiskEntries) {
        switch kind {
        case .add:
            entries.remove(name)
        case .remove:
            entries.set(name, to: inode)
        case .rename(let oldName):
            entries.remove(name)
            entries.set(oldName, to: inode)
            if let replaced { entries.set(name, to: replaced) }
        }
    }

    /// Does the change to names that need not have seen the changes before it: what it is about is the inode, wherever
    /// that is now.
    func redo(in entries: inout ModelDiskEntries) {
        switch kind {
        case .add, .rename:
            entries.removeAll(leadingTo: inode)
            entries.set(name, to: inode)
        case .remove:
            if entries[name] == inode { entries.remove(name) }
        }
    }
}
