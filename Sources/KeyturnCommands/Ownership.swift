import Glibc

/// Who could change what is at a path.
enum Ownership {
    /// Why somebody else than root, or who asks, could change it: by its own mode, by a directory on the way to it, or
    /// by a symbolic link on that way. nil: nobody could. What is not there is judged by where it would be.
    static func problem(of path: String) -> String? {
        var walked = ""
        var rest = path.split(separator: "/").map(String.init)
        if let problem = problem(at: "/") { return problem }
        var links = 0
        while !rest.isEmpty {
            let name = rest.removeFirst()
            if name == "." { continue }
            if name == ".." {
                walked = String(walked[..<(walked.lastIndex(of: "/") ?? walked.startIndex)])
                continue
            }
            let place = walked + "/" + name
            var status = stat()
            guard lstat(place, &status) == 0 else {
                return errno == ENOENT ? nil : "\(place) cannot be looked at: \(String(cString: strerror(errno)))"
            }
            guard status.st_mode & S_IFMT == S_IFLNK else {
                if let problem = problem(at: place) { return problem }
                walked = place
                continue
            }
            guard isTrusted(status.st_uid) else { return "\(place) belongs to \(account(status.st_uid)), not to root" }
            links += 1
            guard links <= 40, let target = target(of: place) else { return "\(place) leads nowhere" }
            if target.hasPrefix("/") { walked = "" }
            rest = target.split(separator: "/").map(String.init) + rest
        }
        return nil
    }

    private static func problem(at path: String) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return "\(path) cannot be looked at" }
        guard isTrusted(status.st_uid) else { return "\(path) belongs to \(account(status.st_uid)), not to root" }
        // In a sticky directory such as /tmp nobody can replace what is another's.
        let isSticky = status.st_mode & S_IFMT == S_IFDIR && status.st_mode & S_ISVTX != 0
        guard status.st_mode & 0o022 == 0 || isSticky else { return "\(path) can be written by others than its owner" }
        return nil
    }

    private static func isTrusted(_ owner: uid_t) -> Bool { owner == 0 || owner == geteuid() }

    private static func account(_ owner: uid_t) -> String {
        getpwuid(owner).map { String(cString: $0.pointee.pw_name) } ?? "uid \(owner)"
    }

    private static func target(of link: String) -> String? {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = readlink(link, &bytes, bytes.count)
        guard count > 0, count < bytes.count else { return nil }
        return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
