import Glibc
import SecretsDirectory

extension ModelDiskState {
    /// As many links as Linux follows in one call.
    private static let maximumLinks = 40
    private static let maximumName = 255
    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")

    /// The directory that a descriptor stands for.
    private func directory(_ descriptor: Int32) throws(SystemError) -> Int {
        if descriptor == AT_FDCWD { return Self.top }
        let inode = try handle(descriptor).inode
        guard inodes[inode].kind == .directory else { throw SystemError(ENOTDIR) }
        return inode
    }

    func place(
        _ descriptor: Int32, _ path: String, _ following: ModelDiskFollowing
    ) throws(SystemError) -> ModelDiskPlace {
        let bytes = path.utf8Span.span
        var walk = ModelDiskWalk(following: following, wantsName: true)
        if Self.isPlainName(bytes) {
            let directory = try directory(descriptor)
            let inode = inodes[directory].entries[bytes]
            if following.follows, let inode, inodes[inode].kind == .symbolicLink {
                return try follow(inode, from: directory, &walk)
            }
            return ModelDiskPlace(directory: directory, name: path, inode: inode)
        }
        guard bytes.count > 0 else { throw SystemError(ENOENT) }
        guard bytes.count < Int(PATH_MAX) else { throw SystemError(ENAMETOOLONG) }
        let start = bytes[0] == Self.slash ? Self.top : try directory(descriptor)
        return try self.walk(from: start, bytes, isEnd: true, &walk)
    }

    /// What an absolute path leads to, all links followed; nil when that is nothing.
    func inode(at path: String) -> Int? {
        var walk = ModelDiskWalk(following: .links, wantsName: false)
        guard let place = try? self.walk(from: Self.top, path.utf8Span.span, isEnd: true, &walk),
            let inode = place.inode, !place.mustBeDirectory || inodes[inode].kind == .directory
        else { return nil }
        return inode
    }

    private static func isPlainName(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count > 0, bytes.count <= maximumName else { return false }
        for index in 0..<bytes.count where bytes[index] == slash { return false }
        return !(bytes[0] == dot && (bytes.count == 1 || bytes.count == 2 && bytes[1] == dot))
    }

    private func follow(
        _ link: Int, from directory: Int, isEnd: Bool = true, _ walk: inout ModelDiskWalk
    ) throws(SystemError) -> ModelDiskPlace {
        walk.links += 1
        guard walk.links <= Self.maximumLinks else { throw SystemError(ELOOP) }
        let target = inodes[link].target
        return try self.walk(from: directory, target.utf8Span.span, isEnd: isEnd, &walk)
    }

    /// `isEnd`: whether the last name of this path is the last of the whole way, and not that of a link in its middle.
    private func walk(
        from start: Int, _ path: Span<UInt8>, isEnd: Bool, _ walk: inout ModelDiskWalk
    ) throws(SystemError) -> ModelDiskPlace {
        var position = 0
        var directory = path.count > 0 && path[0] == Self.slash ? Self.top : start
        var place = ModelDiskPlace(directory: directory, last: .top, inode: directory)
        while true {
            while position < path.count, path[position] == Self.slash { position += 1 }
            guard position < path.count else { return place }
            let begin = position
            while position < path.count, path[position] != Self.slash { position += 1 }
            let name = path.extracting(begin..<position)
            place = try step(name, in: directory)
            let slashFollows = position < path.count
            while position < path.count, path[position] == Self.slash { position += 1 }
            let isLast = isEnd && position == path.count
            if isLast, slashFollows, walk.following.refusesSlash { throw SystemError(EISDIR) }
            if isLast, slashFollows, walk.following.followsBeforeSlash { walk.following.follows = true }
            place.mustBeDirectory = slashFollows
            if let found = place.inode, inodes[found].kind == .symbolicLink, !isLast || walk.following.follows {
                place = try follow(found, from: directory, isEnd: isLast, &walk)
                place.mustBeDirectory = place.mustBeDirectory || slashFollows
            } else if isLast, walk.wantsName {
                place.name = Self.text(name)
            }
            if position == path.count { return place }
            guard let inode = place.inode else { throw SystemError(ENOENT) }
            guard inodes[inode].kind == .directory else { throw SystemError(ENOTDIR) }
            directory = inode
        }
    }

    private func step(_ name: Span<UInt8>, in directory: Int) throws(SystemError) -> ModelDiskPlace {
        guard name.count <= Self.maximumName else {
            throw SystemError(inodes[directory].names > 0 ? ENAMETOOLONG : ENOENT)
        }
        if name[0] == Self.dot {
            if name.count == 1 { return ModelDiskPlace(directory: directory, last: .dot, inode: directory) }
            if name.count == 2, name[1] == Self.dot {
                let parent = directory == Self.top ? Self.top : inodes[directory].parent
                return ModelDiskPlace(directory: directory, last: .dotDot, inode: parent < 0 ? nil : parent)
            }
        }
        return ModelDiskPlace(directory: directory, inode: inodes[directory].entries[name])
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}

/// The state of one walk along a path and the links on it.
private struct ModelDiskWalk {
    var following: ModelDiskFollowing
    let wantsName: Bool
    var links = 0
}
