import Glibc

/// The file systems of this machine.
package struct PosixFileSystem: FileSystem {
    package init() {}

    package var effectiveUser: UInt32 { geteuid() }
    package var effectiveGroup: UInt32 { getegid() }

    package func openat(_ directory: Int32, _ name: String, flags: Int32, mode: UInt32) throws(SystemError) -> Int32 {
        try check { Glibc.openat(directory, name, flags, mode) }
    }

    package func mkdirat(_ directory: Int32, _ name: String, mode: UInt32) throws(SystemError) {
        _ = try check { Glibc.mkdirat(directory, name, mode) }
    }

    package func symlinkat(_ target: String, _ directory: Int32, _ name: String) throws(SystemError) {
        _ = try check { Glibc.symlinkat(target, directory, name) }
    }

    package func renameat(_ directory: Int32, _ name: String, to newName: String) throws(SystemError) {
        _ = try check { Glibc.renameat(directory, name, directory, newName) }
    }

    package func unlinkat(_ directory: Int32, _ name: String, flags: Int32) throws(SystemError) {
        _ = try check { Glibc.unlinkat(directory, name, flags) }
    }

    package func write(_ file: Int32, _ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        try check { bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) } }
    }

    package func fsync(_ file: Int32) throws(SystemError) {
        _ = try check { Glibc.fsync(file) }
    }

    package func fchmod(_ file: Int32, mode: UInt32) throws(SystemError) {
        _ = try check { Glibc.fchmod(file, mode) }
    }

    package func fchown(_ file: Int32, owner: UInt32, group: UInt32) throws(SystemError) {
        _ = try check { Glibc.fchown(file, owner, group) }
    }

    package func fstat(_ file: Int32) throws(SystemError) -> FileStatus {
        var status = stat()
        _ = try check { Glibc.fstat(file, &status) }
        return FileStatus(status)
    }

    package func fstatat(_ directory: Int32, _ name: String) throws(SystemError) -> FileStatus {
        var status = stat()
        _ = try check { Glibc.fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) }
        return FileStatus(status)
    }

    package func readlinkat(_ directory: Int32, _ name: String) throws(SystemError) -> String {
        var target: [UInt8] = []
        _ = try check {
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
                guard let base = buffer.baseAddress else { return -1 }
                let count = Glibc.readlinkat(directory, name, base, buffer.count)
                target = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
                return count
            }
        }
        return String(decoding: target, as: UTF8.self)
    }

    package func read(_ file: Int32, upTo count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = try check { bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) } }
        return Array(bytes.prefix(got))
    }

    package func list(_ directory: Int32) throws(SystemError) -> [String] {
        // The stream takes its descriptor over and moves its offset, so it gets one of its own.
        let own = try openat(directory, ".", flags: O_RDONLY | O_DIRECTORY | O_CLOEXEC, mode: 0)
        guard let stream = fdopendir(own) else {
            let failure = SystemError(errno)
            close(own)
            throw failure
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw SystemError(errno) }
                return names.sorted()
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(validatingCString: $0)
                }
            }
            if let name, name != ".", name != ".." { names.append(name) }
        }
    }

    package func close(_ file: Int32) {
        _ = Glibc.close(file)
    }

    private func check<Result: SignedInteger>(_ call: () -> Result) throws(SystemError) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw SystemError(code) }
        }
    }
}

extension FileStatus {
    fileprivate init(_ status: stat) {
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFDIR: .directory
            case S_IFREG: .regular
            case S_IFLNK: .symbolicLink
            default: .other
            }
        self.init(
            kind: kind,
            permissions: Permissions(mode: status.st_mode & 0o7777, owner: status.st_uid, group: status.st_gid),
            size: Int64(status.st_size), links: UInt64(status.st_nlink))
    }
}
