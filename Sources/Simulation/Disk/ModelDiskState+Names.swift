import Glibc
import SecretsDirectory

/// The calls that make, move and remove names.
extension ModelDiskState {
    /// O_PATH of open(2), which Swift does not import from Glibc.
    private static let openPath: Int32 = 0o10000000

    mutating func openat(
        _ descriptor: Int32, _ path: String, flags: Int32, mode: UInt32
    ) throws(SystemError) -> Int32 {
        let isPath = flags & Self.openPath != 0
        let creates = flags & O_CREAT != 0 && !isPath
        let isExclusive = creates && flags & O_EXCL != 0
        let place = try place(
            descriptor, path,
            ModelDiskFollowing(
                follows: flags & O_NOFOLLOW == 0 && !isExclusive, followsBeforeSlash: !creates, refusesSlash: creates))
        let writes = !isPath && flags & O_ACCMODE != O_RDONLY
        let inode: Int
        if let found = place.inode {
            if isExclusive { throw SystemError(EEXIST) }
            if creates, inodes[found].kind == .directory { throw SystemError(EISDIR) }
            try check(found, flags: flags, isPath: isPath, writes: writes, mustBeDirectory: place.mustBeDirectory)
            inode = found
            if flags & O_TRUNC != 0, !isPath, inodes[found].kind == .regular { truncate(found) }
        } else {
            guard creates else { throw SystemError(ENOENT) }
            inode = try create(.regular, at: place, mode: mode & ~umask)
        }
        return open(
            ModelDiskHandle(
                inode: inode, isPath: isPath, reads: !isPath && flags & O_ACCMODE != O_WRONLY, writes: writes,
                appends: flags & O_APPEND != 0))
    }

    private func check(
        _ inode: Int, flags: Int32, isPath: Bool, writes: Bool, mustBeDirectory: Bool
    ) throws(SystemError) {
        let kind = inodes[inode].kind
        if flags & O_DIRECTORY != 0 || mustBeDirectory, kind != .directory { throw SystemError(ENOTDIR) }
        if kind == .symbolicLink, !isPath { throw SystemError(ELOOP) }
        if kind == .directory, writes { throw SystemError(EISDIR) }
    }

    mutating func mkdirat(_ descriptor: Int32, _ path: String, mode: UInt32) throws(SystemError) {
        let place = try place(descriptor, path, .nothing)
        guard place.inode == nil else { throw SystemError(EEXIST) }
        _ = try create(.directory, at: place, mode: mode & ~umask & 0o1777)
    }

    mutating func symlinkat(_ target: String, _ descriptor: Int32, _ path: String) throws(SystemError) {
        guard !target.isEmpty else { throw SystemError(ENOENT) }
        guard target.utf8.count < Int(PATH_MAX) else { throw SystemError(ENAMETOOLONG) }
        let place = try place(descriptor, path, .nothing)
        guard place.inode == nil else { throw SystemError(EEXIST) }
        guard !place.mustBeDirectory else { throw SystemError(ENOENT) }
        let link = try create(.symbolicLink, at: place, mode: 0o777)
        inodes[link].target = target
    }

    private mutating func create(
        _ kind: FileStatus.Kind, at place: ModelDiskPlace, mode: UInt32
    ) throws(SystemError) -> Int {
        let directory = place.directory
        // The directory may be gone, and only a descriptor keep it.
        guard place.last == .name, inodes[directory].names > 0 else { throw SystemError(ENOENT) }
        var permissions = Permissions(mode: mode & 0o7777, owner: user, group: group)
        let above = inodes[directory].permissions
        if above.mode & 0o2000 != 0 {
            permissions.group = above.group
            if kind == .directory { permissions.mode |= 0o2000 }
        }
        var new = ModelDiskInode(kind: kind, permissions: permissions, parent: directory)
        new.names = 1
        new.references = 2
        let inode = insert(new)
        if kind == .directory { inodes[directory].subdirectories += 1 }
        let number = nextChange()
        inodes[directory].entries.set(place.name, to: inode)
        inodes[directory].pendingChanges.append(
            ModelDiskChange(kind: .add, name: place.name, inode: inode, replaced: nil, number: number))
        touch(inode, number)
        return inode
    }

    mutating func unlinkat(_ descriptor: Int32, _ path: String, flags: Int32) throws(SystemError) {
        guard flags & ~AT_REMOVEDIR == 0 else { throw SystemError(EINVAL) }
        let place = try place(descriptor, path, .nothing)
        let removesDirectory = flags & AT_REMOVEDIR != 0
        switch place.last {
        case .name: break
        case .dot: throw SystemError(removesDirectory ? EINVAL : EISDIR)
        case .dotDot: throw SystemError(removesDirectory ? ENOTEMPTY : EISDIR)
        case .top: throw SystemError(removesDirectory ? EBUSY : EISDIR)
        }
        guard let inode = place.inode else { throw SystemError(ENOENT) }
        let isDirectory = inodes[inode].kind == .directory
        if removesDirectory || place.mustBeDirectory {
            guard isDirectory else { throw SystemError(ENOTDIR) }
        }
        if !removesDirectory, isDirectory { throw SystemError(EISDIR) }
        guard inodes[inode].entries.isEmpty else { throw SystemError(ENOTEMPTY) }
        let number = nextChange()
        inodes[place.directory].entries.remove(place.name)
        inodes[place.directory].pendingChanges.append(
            ModelDiskChange(kind: .remove, name: place.name, inode: inode, replaced: nil, number: number))
        inodes[inode].references += 1
        loseName(inode, in: place.directory)
        touch(place.directory, number)
    }

    private mutating func loseName(_ inode: Int, in directory: Int) {
        inodes[inode].names -= 1
        inodes[inode].parent = -1
        if inodes[inode].kind == .directory { inodes[directory].subdirectories -= 1 }
        release(inode)
    }

    mutating func renameat(
        _ descriptor: Int32, _ path: String, to newPath: String
    ) throws(SystemError) {
        let old = try place(descriptor, path, .nothing)
        let new = try place(descriptor, newPath, .nothing)
        guard old.directory == new.directory else { throw SystemError(EXDEV) }
        guard old.last == .name, new.last == .name else { throw SystemError(EBUSY) }
        guard let inode = old.inode else { throw SystemError(ENOENT) }
        let isDirectory = inodes[inode].kind == .directory
        if old.mustBeDirectory || new.mustBeDirectory, !isDirectory { throw SystemError(ENOTDIR) }
        if new.inode == inode { return }
        if let replaced = new.inode {
            let replacesDirectory = inodes[replaced].kind == .directory
            if isDirectory, !replacesDirectory { throw SystemError(ENOTDIR) }
            if !isDirectory, replacesDirectory { throw SystemError(EISDIR) }
            guard inodes[replaced].entries.isEmpty else { throw SystemError(ENOTEMPTY) }
        }
        let number = nextChange()
        inodes[old.directory].entries.remove(old.name)
        inodes[old.directory].entries.set(new.name, to: inode)
        inodes[old.directory].pendingChanges.append(
            ModelDiskChange(
                kind: .rename(oldName: old.name), name: new.name, inode: inode, replaced: new.inode, number: number))
        inodes[inode].references += 1
        if let replaced = new.inode {
            inodes[replaced].references += 1
            loseName(replaced, in: old.directory)
        }
        touch(inode, number)
    }
}
