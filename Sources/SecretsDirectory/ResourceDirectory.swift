import Glibc
import Rotation

/// The open directory of one resource.
struct ResourceDirectory {
    /// The link through which every file is read.
    static let dataLink = "..data"
    /// Where that link is made before it is renamed into place.
    static let newDataLink = "..data_tmp"

    let fileSystem: any FileSystem
    let descriptor: Int32
    /// The open secrets directory, in which this one is.
    let root: Int32
    let path: String
    let name: String

    /// Where the link of that name points.
    static func target(of file: String) -> String {
        "\(dataLink)/\(file)"
    }

    func status(of name: String) throws(Failure) -> FileStatus? {
        try status(in: descriptor, name, "\(path)/\(name)")
    }

    /// nil when there is nothing of that name, or we may not look.
    func status(
        in directory: Int32, _ name: String, _ path: @autoclosure () -> String
    ) throws(Failure) -> FileStatus? {
        do {
            return try fileSystem.fstatat(directory, name)
        } catch {
            guard error.code == ENOENT || error.code == EACCES else {
                throw Failure.system(error, path(), "could not be examined")
            }
            return nil
        }
    }

    /// nil when there is no link of that name.
    func target(ofLink name: String) throws(Failure) -> String? {
        do {
            return try fileSystem.readlinkat(descriptor, name)
        } catch {
            guard error.code == ENOENT || error.code == EINVAL else {
                throw Failure.system(error, "\(path)/\(name)", "could not be read")
            }
            return nil
        }
    }

    func names() throws(Failure) -> [String] {
        try attempt(path, "could not be listed") { () throws(SystemError) in
            try fileSystem.list(descriptor)
        }
    }

    /// The generation that `..data` points to; nil when that is no link to a generation of ours.
    func currentGeneration() throws(Failure) -> GenerationName? {
        try target(ofLink: Self.dataLink).flatMap { GenerationName($0) }
    }

    /// Opens a generation; nil when there is none of that name, something else has its name, or it is closed to us.
    func open(_ generation: GenerationName) throws(Failure) -> Int32? {
        do {
            return try fileSystem.openDirectory(descriptor, generation.text)
        } catch {
            guard [ENOENT, ENOTDIR, ELOOP, EACCES].contains(error.code) else {
                throw Failure.system(error, "\(path)/\(generation.text)", "could not be opened")
            }
            return nil
        }
    }

    /// Names of links into `..data` for files that are not wanted.
    ///
    /// - Parameter names: those in the directory.
    func staleLinks(among names: [String], wanted: [SecretFile]) throws(Failure) -> [String] {
        var stale: [String] = []
        for name in names where !wanted.contains(where: { $0.name == name }) {
            if try target(ofLink: name) == Self.target(of: name) { stale.append(name) }
        }
        return stale
    }

    /// Names of usual files that are not wanted now, where somebody put something that is not our link.
    func strangers(wanted: [SecretFile]) throws(Failure) -> [String] {
        var strangers: [String] = []
        for file in UsualFile.allCases where !wanted.contains(where: { $0.name == file.rawValue }) {
            let isThere = try status(of: file.rawValue) != nil
            if isThere, try target(ofLink: file.rawValue) != Self.target(of: file.rawValue) {
                strangers.append(file.rawValue)
            }
        }
        return strangers
    }

    /// Names of ours, beginning with `..`, that are neither in use nor `kept`. Whatever `..data` leads to is in use,
    /// also when somebody else made it so.
    ///
    /// - Parameter names: those in the directory.
    func litter(among names: [String], kept: GenerationName?) throws(Failure) -> [String] {
        let used = [Self.dataLink, try target(ofLink: Self.dataLink), kept?.text]
        return names.filter { $0.hasPrefix("..") && !used.contains($0) }
    }

    /// The generation before the current one, if it is there and opens to nobody whom the current one does not.
    ///
    /// - Parameter names: those in the directory.
    func predecessor(
        of current: GenerationName, among names: [String], files: [SecretFile], permissions: Permissions
    ) throws(Failure) -> GenerationName? {
        let before = names.compactMap { GenerationName($0) }.filter { $0 < current }.max()
        guard let before, try mayBeKept(before, files: files, permissions: permissions) else { return nil }
        return before
    }

    func mayBeKept(
        _ generation: GenerationName, files: [SecretFile], permissions: Permissions
    ) throws(Failure) -> Bool {
        guard let opened = try open(generation) else { return false }
        defer { fileSystem.close(opened) }
        return try attempt("\(path)/\(generation.text)", "could not be examined") { () throws(SystemError) in
            guard try fileSystem.fstat(opened).permissions == permissions else { return false }
            for name in try fileSystem.list(opened) {
                let status = try fileSystem.fstatat(opened, name)
                guard status.kind == .regular, status.permissions == Self.permissions(of: name, files) else {
                    return false
                }
            }
            return true
        }
    }

    /// nil for a name that is not wanted.
    private static func permissions(of name: String, _ files: [SecretFile]) -> Permissions? {
        // Comes and goes from version to version, always with the permissions of the one beside it.
        let isPrevious = name == UsualFile.previousConnectionString.rawValue
        let beside = isPrevious ? UsualFile.connectionString.rawValue : name
        return files.first { $0.name == beside }?.permissions
    }
}
