import Glibc
import Rotation

/// O_PATH of open(2): a handle that needs no right to read. It is not in what Swift imports from Glibc.
private let openPath: Int32 = 0o10000000

extension SecretsDirectory {
    /// Opens the directory, looking at every directory on the way to it.
    func openRoot(create: Bool) throws(Failure) -> Int32 {
        guard path.hasPrefix("/") else {
            throw Failure(.publishFailed, "\(path): the secrets directory must be an absolute path")
        }
        var walk = RootWalk(path: path, current: try openTop())
        defer { fileSystem.close(walk.current) }
        try check(walk.current, "/", isRoot: walk.rest.isEmpty)
        while let name = walk.rest.popLast() {
            try step(&walk, name, create: create)
        }
        return try attempt(path, "could not be opened") { () throws(SystemError) in
            if create { try syncParent(of: walk.current) }
            return try fileSystem.openDirectory(walk.current, ".")
        }
    }

    /// Whoever created the directory may have been stopped before its name was on the disk.
    private func syncParent(of root: Int32) throws(SystemError) {
        let parent: Int32
        do throws(SystemError) {
            parent = try fileSystem.openDirectory(root, "..")
        } catch {
            // Then it was somebody else who created it.
            guard error.code == EACCES else { throw error }
            return
        }
        defer { fileSystem.close(parent) }
        try fileSystem.syncDirectory(parent)
    }

    /// Whether there is certainly nothing at the path.
    func rootIsMissing() -> Bool {
        do {
            let found = try fileSystem.openat(AT_FDCWD, path, flags: openPath | O_CLOEXEC, mode: 0)
            fileSystem.close(found)
            return false
        } catch {
            return error.code == ENOENT
        }
    }

    private func openTop() throws(Failure) -> Int32 {
        try attempt("/", "could not be opened") { () throws(SystemError) in
            try fileSystem.openat(AT_FDCWD, "/", flags: openPath | O_DIRECTORY | O_CLOEXEC, mode: 0)
        }
    }

    private func step(_ walk: inout RootWalk, _ name: String, create: Bool) throws(Failure) {
        let parent = walk.current
        let path = walk.path(of: name)
        let isLast = walk.rest.isEmpty
        guard let status = try status(parent, name, path) else {
            guard create, isLast else {
                throw Failure(
                    .publishFailed,
                    "\(path): does not exist; create it, owned by root or the user that runs keyturn, mode 0755")
            }
            walk.enter(try createRoot(in: parent, name, path), path, closing: fileSystem)
            return
        }
        if status.kind == .symbolicLink {
            try checkOwner(status, path)
            let target = try attempt(path, "could not be read") { () throws(SystemError) in
                try fileSystem.readlinkat(parent, name)
            }
            try walk.follow(target, at: path)
            if target.hasPrefix("/") { walk.enter(try openTop(), "/", closing: fileSystem) }
            return
        }
        guard status.kind == .directory else {
            throw Failure(.publishFailed, "\(path): is not a directory; move it away or name another one")
        }
        let descriptor = try attempt(path, "could not be opened") { () throws(SystemError) in
            try fileSystem.openat(
                parent, name, flags: openPath | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, mode: 0)
        }
        walk.enter(descriptor, path, closing: fileSystem)
        try check(descriptor, path, isRoot: isLast)
    }

    private func status(_ directory: Int32, _ name: String, _ path: String) throws(Failure) -> FileStatus? {
        do {
            return try fileSystem.fstatat(directory, name)
        } catch {
            guard error.code == ENOENT else { throw Failure.system(error, path, "could not be examined") }
            return nil
        }
    }

    /// Gets its name only when it has its mode: a run that is cut short leaves nothing that the next one would take for
    /// a directory that somebody closed on purpose.
    private func createRoot(in parent: Int32, _ name: String, _ path: String) throws(Failure) -> Int32 {
        try attempt(path, "could not be created") { () throws(SystemError) in
            let unfinished = ".\(name).new"
            do throws(SystemError) {
                try fileSystem.mkdirat(parent, unfinished, mode: 0o700)
            } catch {
                guard error.code == EEXIST else { throw error }
                // Nobody but root and us can have put it there, unless the parent is sticky.
                guard try fileSystem.fstatat(parent, unfinished).permissions.owner == fileSystem.effectiveUser else {
                    throw error
                }
            }
            let root = try fileSystem.openDirectory(parent, unfinished)
            do throws(SystemError) {
                try fileSystem.fchmod(root, mode: 0o751)
                try fileSystem.syncDirectory(root)
                try fileSystem.renameat(parent, unfinished, to: name)
                let readable = try fileSystem.openDirectory(parent, ".")
                defer { fileSystem.close(readable) }
                try fileSystem.syncDirectory(readable)
            } catch {
                fileSystem.close(root)
                throw error
            }
            return root
        }
    }

    private func check(_ directory: Int32, _ path: String, isRoot: Bool) throws(Failure) {
        let status = try attempt(path, "could not be examined") { () throws(SystemError) in
            try fileSystem.fstat(directory)
        }
        try checkOwner(status, path)
        let mode = status.permissions.mode
        let isSticky = mode & 0o1000 != 0 && !isRoot
        if mode & 0o002 != 0, !isSticky {
            throw Failure(.publishFailed, "\(path): mode \(octal(mode)) lets others write; run: chmod o-w \(path)")
        }
        let group = status.permissions.group
        if mode & 0o020 != 0, !isSticky, group != 0, group != fileSystem.effectiveGroup {
            throw Failure(
                .publishFailed, "\(path): mode \(octal(mode)) lets group \(group) write; run: chmod g-w \(path)")
        }
    }

    private func checkOwner(_ status: FileStatus, _ path: String) throws(Failure) {
        let owner = status.permissions.owner
        let own = fileSystem.effectiveUser
        guard owner == 0 || owner == own else {
            throw Failure(
                .publishFailed,
                "\(path): belongs to user \(owner), who could replace the keys; run: chown -h \(own) \(path)")
        }
    }
}

/// How far the walk from `/` to the secrets directory has come.
private struct RootWalk {
    /// The directory that has been reached.
    private(set) var current: Int32
    private var reached = "/"
    /// The names still to be entered, the next one last.
    var rest: [String]
    private var linksFollowed = 0

    init(path: String, current: Int32) {
        self.current = current
        rest = Self.names(path)
    }

    func path(of name: String) -> String {
        reached == "/" ? "/\(name)" : "\(reached)/\(name)"
    }

    mutating func enter(_ descriptor: Int32, _ path: String, closing fileSystem: any FileSystem) {
        fileSystem.close(current)
        current = descriptor
        reached = path
    }

    mutating func follow(_ target: String, at path: String) throws(Failure) {
        linksFollowed += 1
        // As many as Linux follows itself (path_resolution(7)).
        guard linksFollowed <= 40 else {
            throw Failure(.publishFailed, "\(path): too many symbolic links on the way to the secrets directory")
        }
        rest += Self.names(target)
    }

    private static func names(_ path: String) -> [String] {
        path.split(separator: "/").map(String.init).filter { $0 != "." }.reversed()
    }
}
