import Glibc
import Rotation

extension ResourceDirectory {
    /// How the directory differs from the one that publishing these files leaves behind; empty when it does not.
    func problems(files: [SecretFile], permissions: Permissions) throws(Failure) -> [String] {
        let own = try attempt(path, "could not be examined") { () throws(SystemError) in
            try fileSystem.fstat(descriptor)
        }
        var problems = own.permissions.differences(from: permissions).map { ".: \($0)" }
        for file in files {
            if try target(ofLink: file.name) != Self.target(of: file.name) {
                let isThere = try status(of: file.name) != nil
                problems.append(
                    "\(file.name): \(isThere ? "not the link to" : "no link to") \(Self.target(of: file.name))")
            }
        }
        guard let current = try currentGeneration() else {
            return problems + ["\(Self.dataLink): no link to a generation"]
        }
        guard let generation = try open(current) else {
            return problems + ["\(current.text): missing, or not a directory"]
        }
        defer { fileSystem.close(generation) }
        return try problems + self.problems(inGeneration: generation, current.text, files, permissions)
    }

    private func problems(
        inGeneration generation: Int32, _ name: String, _ files: [SecretFile], _ permissions: Permissions
    ) throws(Failure) -> [String] {
        let (own, present) = try attempt("\(path)/\(name)", "could not be examined") { () throws(SystemError) in
            (try fileSystem.fstat(generation), try fileSystem.list(generation))
        }
        var problems = own.permissions.differences(from: permissions).map { "\(name): \($0)" }
        let wanted = Set(files.map(\.name))
        problems += present.filter { !wanted.contains($0) }.map { "\(name)/\($0): not wanted" }
        for file in files {
            problems += try self.problems(of: file, in: generation, name).map { "\(name)/\(file.name): \($0)" }
        }
        return problems
    }

    private func problems(of file: SecretFile, in generation: Int32, _ name: String) throws(Failure) -> [String] {
        guard let status = try status(in: generation, file.name, "\(path)/\(name)/\(file.name)") else {
            return ["missing"]
        }
        guard status.kind == .regular else { return ["not a regular file"] }
        var problems = status.permissions.differences(from: file.permissions)
        if status.links != 1 {
            problems.append("has \(status.links) names (hard links) instead of 1")
        }
        let content =
            status.size == Int64(file.bytes.count)
            ? try self.content(of: file.name, in: generation, "\(path)/\(name)", limit: file.bytes.count) : nil
        if content != file.bytes {
            problems.append("its content is not what was published")
        }
        return problems
    }

    /// nil when it cannot be read because of what somebody did to it, or is longer than `limit`. An error of the
    /// machine is an error: not to know what is there is another thing than nothing being there.
    func content(
        of name: String, in directory: Int32, _ directoryPath: @autoclosure () -> String, limit: Int
    ) throws(Failure) -> [UInt8]? {
        do {
            return try fileSystem.readAll(directory, name, limit: limit)
        } catch {
            let tampering = [ENOENT, ENOTDIR, ELOOP, EISDIR, EACCES, EPERM, ENXIO, ENODEV, EAGAIN, EINVAL]
            guard tampering.contains(error.code) else {
                throw Failure.system(error, "\(directoryPath())/\(name)", "could not be read")
            }
            return nil
        }
    }
}
