import Glibc
import SecretsDirectory

/// A file system and what was opened on it.
struct DiskSubject {
    let fileSystem: any FileSystem
    var descriptors: [Int32]

    /// A call on a descriptor that was closed goes to one that never was.
    mutating func make(_ call: DiskCall) -> DiskOutcome {
        do throws(SystemError) {
            return try outcome(of: call)
        } catch {
            return .failed(error.code)
        }
    }

    private mutating func outcome(of call: DiskCall) throws(SystemError) -> DiskOutcome {
        switch call {
        case .open(let at, let name, let flags, let mode):
            descriptors.append(try fileSystem.openat(descriptors[at], name, flags: flags, mode: mode))
        case .makeDirectory(let at, let name, let mode): try fileSystem.mkdirat(descriptors[at], name, mode: mode)
        case .makeLink(let target, let at, let name): try fileSystem.symlinkat(target, descriptors[at], name)
        case .rename(let at, let name, let new): try fileSystem.renameat(descriptors[at], name, to: new)
        case .unlink(let at, let name, let flags): try fileSystem.unlinkat(descriptors[at], name, flags: flags)
        case .write(let file, let bytes): return .count(try fileSystem.write(descriptors[file], bytes[...]))
        case .fsync(let file): try fileSystem.fsync(descriptors[file])
        case .chmod(let file, let mode): try fileSystem.fchmod(descriptors[file], mode: mode)
        case .chown(let file, let owner, let group):
            try fileSystem.fchown(descriptors[file], owner: owner, group: group)
        case .status(let file): return .comparable(try fileSystem.fstat(descriptors[file]))
        case .statusAt(let at, let name): return .comparable(try fileSystem.fstatat(descriptors[at], name))
        case .readLink(let at, let name): return .text(try fileSystem.readlinkat(descriptors[at], name))
        case .read(let file, let count): return .bytes(try fileSystem.read(descriptors[file], upTo: count))
        case .list(let file): return .names(try fileSystem.list(descriptors[file]))
        case .close(let file):
            fileSystem.close(descriptors[file])
            descriptors[file] = -1
        }
        return .done
    }

    /// Everything below the first descriptor, by path.
    func tree() throws(SystemError) -> [String: [DiskOutcome]] {
        var tree: [String: [DiskOutcome]] = [:]
        try add(descriptors[0], "", to: &tree)
        return tree
    }

    private func add(
        _ directory: Int32, _ path: String, to tree: inout [String: [DiskOutcome]]
    ) throws(SystemError) {
        for name in try fileSystem.list(directory) {
            let status = try fileSystem.fstatat(directory, name)
            var facts = [DiskOutcome.comparable(status)]
            switch status.kind {
            case .directory:
                let opened = try fileSystem.openat(directory, name, flags: O_RDONLY | O_DIRECTORY, mode: 0)
                defer { fileSystem.close(opened) }
                try add(opened, "\(path)/\(name)", to: &tree)
            case .symbolicLink: facts.append(.text(try fileSystem.readlinkat(directory, name)))
            case .regular, .other:
                let opened = try fileSystem.openat(directory, name, flags: O_RDONLY, mode: 0)
                defer { fileSystem.close(opened) }
                facts.append(.bytes(try fileSystem.read(opened, upTo: 1 << 20)))
            }
            tree["\(path)/\(name)"] = facts
        }
    }
}
