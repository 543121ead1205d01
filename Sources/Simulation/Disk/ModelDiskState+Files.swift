import Glibc
import SecretsDirectory

/// The calls on open files and directories, and those that only look.
extension ModelDiskState {
    /// The handle of a descriptor that is good for more than naming things.
    private func openHandle(_ descriptor: Int32) throws(SystemError) -> ModelDiskHandle {
        let handle = try handle(descriptor)
        guard !handle.isPath else { throw SystemError(EBADF) }
        return handle
    }

    mutating func truncate(_ file: Int) {
        inodes[file].isLost = false
        guard !inodes[file].content.isEmpty else { return }
        inodes[file].content = []
        inodes[file].isDirty = true
        touch(file, nextChange())
    }

    mutating func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        let slot = try slot(descriptor)
        let handle = try handle(descriptor)
        guard handle.writes else { throw SystemError(EBADF) }
        let taken = bytes.prefix(faults.writeLimit ?? bytes.count)
        guard !taken.isEmpty else { return 0 }
        let file = handle.inode
        let size = inodes[file].content.count
        let offset = handle.appends ? size : handle.offset
        if offset >= size {
            if offset > size { inodes[file].content += repeatElement(0, count: offset - size) }
            inodes[file].content += taken
        } else {
            inodes[file].content.replaceSubrange(offset..<min(size, offset + taken.count), with: taken)
        }
        inodes[file].isDirty = true
        advance(slot, to: offset + taken.count)
        touch(file, nextChange())
        return taken.count
    }

    mutating func read(_ descriptor: Int32, upTo count: Int) throws(SystemError) -> [UInt8] {
        let slot = try slot(descriptor)
        let handle = try handle(descriptor)
        guard handle.reads else { throw SystemError(EBADF) }
        guard inodes[handle.inode].kind != .directory else { throw SystemError(EISDIR) }
        let size = inodes[handle.inode].content.count
        let end = handle.offset + min(count, max(0, size - handle.offset))
        guard end > handle.offset else { return [] }
        advance(slot, to: end)
        if handle.offset == 0, end == size { return inodes[handle.inode].content }
        return Array(inodes[handle.inode].content[handle.offset..<end])
    }

    mutating func fsync(_ descriptor: Int32) throws(SystemError) {
        let inode = try openHandle(descriptor).inode
        if let failure = faults.syncFailure {
            loseUnsynced(inode)
            throw failure
        }
        changesAtLastSync = changes
        inodes[inode].durablePermissions = inodes[inode].permissions
        inodes[inode].pendingPermissions.removeAll(keepingCapacity: true)
        if inodes[inode].kind == .directory {
            makeNamesDurable(inode)
        } else if !inodes[inode].isLost {
            inodes[inode].durableContent = inodes[inode].content
            inodes[inode].isDirty = false
        }
    }

    mutating func makeNamesDurable(_ directory: Int) {
        let changes = inodes[directory].pendingChanges
        guard !changes.isEmpty, inodes[directory].lostChanges < changes.count else { return }
        inodes[directory].pendingChanges = []
        inodes[directory].lostChanges = 0
        release(changes)
    }

    private mutating func loseUnsynced(_ inode: Int) {
        if inodes[inode].kind == .directory {
            if faults.failedSyncLosesNames { inodes[inode].lostChanges = inodes[inode].pendingChanges.count }
        } else if inodes[inode].isDirty {
            inodes[inode].isLost = true
        }
    }

    mutating func fchmod(_ descriptor: Int32, mode: UInt32) throws(SystemError) {
        let inode = try openHandle(descriptor).inode
        var permissions = inodes[inode].permissions
        permissions.mode = mode & 0o7777
        set(permissions, of: inode)
    }

    mutating func fchown(_ descriptor: Int32, owner: UInt32, group: UInt32) throws(SystemError) {
        let inode = try openHandle(descriptor).inode
        var permissions = inodes[inode].permissions
        if owner != .max { permissions.owner = owner }
        if group != .max { permissions.group = group }
        if inodes[inode].kind != .directory {
            permissions.mode &= ~0o4000
            if permissions.mode & 0o010 != 0 { permissions.mode &= ~0o2000 }
        }
        set(permissions, of: inode)
    }

    mutating func set(_ permissions: Permissions, of inode: Int) {
        guard inodes[inode].permissions != permissions else { return }
        let number = nextChange()
        inodes[inode].permissions = permissions
        inodes[inode].pendingPermissions.append((number, permissions))
        touch(inode, number)
    }

    func fstat(_ descriptor: Int32) throws(SystemError) -> FileStatus {
        status(of: try handle(descriptor).inode)
    }

    func fstatat(_ descriptor: Int32, _ path: String) throws(SystemError) -> FileStatus {
        status(of: try existing(descriptor, path))
    }

    func readlinkat(_ descriptor: Int32, _ path: String) throws(SystemError) -> String {
        let inode = try existing(descriptor, path)
        guard inodes[inode].kind == .symbolicLink else { throw SystemError(EINVAL) }
        return inodes[inode].target
    }

    private func existing(_ descriptor: Int32, _ path: String) throws(SystemError) -> Int {
        let place = try place(descriptor, path, .beforeSlash)
        guard let inode = place.inode else { throw SystemError(ENOENT) }
        if place.mustBeDirectory, inodes[inode].kind != .directory { throw SystemError(ENOTDIR) }
        return inode
    }

    func list(_ descriptor: Int32) throws(SystemError) -> [String] {
        let inode = try handle(descriptor).inode
        guard inodes[inode].kind == .directory else { throw SystemError(ENOTDIR) }
        return inodes[inode].entries.sorted.map(\.name)
    }
}
