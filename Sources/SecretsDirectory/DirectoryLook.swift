import Rotation

/// One look at a resource's directory: the generation is opened once for all that is asked of it, and no file of it is
/// read twice. It has to be ended.
struct DirectoryLook {
    /// Longer than any connection string and any metadata.
    private static let contentLimit = 64 * 1024

    /// What `..data` leads to.
    private struct Generation {
        /// nil: it is no link to a generation of ours.
        let name: GenerationName?
        /// nil: there is none of that name, something else has it, or it is closed to us.
        let descriptor: Int32?
    }

    /// A file of the generation, reached through our links.
    private struct Seen {
        let name: String
        let status: FileStatus
        /// nil when it cannot be read, or is too long.
        let bytes: [UInt8]?
    }

    private let directory: ResourceDirectory
    private var opened: Generation?
    private var seen: [Seen] = []

    init(_ directory: ResourceDirectory) {
        self.directory = directory
    }

    mutating func end() {
        if let descriptor = opened?.descriptor { directory.fileSystem.close(descriptor) }
        opened = nil
    }

    private mutating func generation() throws(Failure) -> Generation {
        if let opened { return opened }
        let name = try directory.currentGeneration()
        let descriptor: Int32? = if let name { try directory.open(name) } else { nil }
        let generation = Generation(name: name, descriptor: descriptor)
        opened = generation
        return generation
    }

    /// The name of the generation that is in place; nil when there is none.
    mutating func generationName() throws(Failure) -> GenerationName? { try generation().name }

    /// What a consumer gets who opens the file by its name: through our links, or a file that somebody put in the
    /// link's place. Links that are not ours are not followed.
    mutating func visibleContent(of file: UsualFile) throws(Failure) -> [UInt8]? {
        let name = file.rawValue
        guard let status = try directory.status(of: name) else { return nil }
        if status.kind == .regular {
            return try directory.content(
                of: name, in: directory.descriptor, directory.path, limit: Self.contentLimit)
        }
        guard try directory.target(ofLink: name) == ResourceDirectory.target(of: name) else { return nil }
        let generation = try generation()
        guard let current = generation.name, let descriptor = generation.descriptor else { return nil }
        let path = "\(directory.path)/\(current.text)"
        guard let status = try directory.status(in: descriptor, name, "\(path)/\(name)"), status.kind == .regular else {
            return nil
        }
        let bytes = try directory.content(of: name, in: descriptor, path, limit: Self.contentLimit)
        seen.append(Seen(name: name, status: status, bytes: bytes))
        return bytes
    }

    /// How the directory differs from the one that publishing these files leaves behind; empty when it does not.
    mutating func problems(files: [SecretFile], permissions: Permissions) throws(Failure) -> [String] {
        let own = try attempt(directory.path, "could not be examined") { () throws(SystemError) in
            try directory.fileSystem.fstat(directory.descriptor)
        }
        var problems = own.permissions.differences(from: permissions).map { ".: \($0)" }
        for file in files where !seen.contains(where: { $0.name == file.name }) {
            let target = ResourceDirectory.target(of: file.name)
            if try directory.target(ofLink: file.name) != target {
                let isThere = try directory.status(of: file.name) != nil
                problems.append("\(file.name): \(isThere ? "not the link to" : "no link to") \(target)")
            }
        }
        let generation = try generation()
        guard let current = generation.name else {
            return problems + ["\(ResourceDirectory.dataLink): no link to a generation"]
        }
        guard let descriptor = generation.descriptor else {
            return problems + ["\(current.text): missing, or not a directory"]
        }
        return try problems + self.problems(inGeneration: descriptor, current.text, files, permissions)
    }

    private func problems(
        inGeneration generation: Int32, _ name: String, _ files: [SecretFile], _ permissions: Permissions
    ) throws(Failure) -> [String] {
        let fileSystem = directory.fileSystem
        let (own, present) = try attempt("\(directory.path)/\(name)", "could not be examined") {
            () throws(SystemError) in (try fileSystem.fstat(generation), try fileSystem.list(generation))
        }
        var problems = own.permissions.differences(from: permissions).map { "\(name): \($0)" }
        for entry in present where !files.contains(where: { $0.name == entry }) {
            problems.append("\(name)/\(entry): not wanted")
        }
        for file in files {
            for problem in try self.problems(of: file, in: generation, name) {
                problems.append("\(name)/\(file.name): \(problem)")
            }
        }
        return problems
    }

    private func problems(of file: SecretFile, in generation: Int32, _ name: String) throws(Failure) -> [String] {
        let known = seen.first { $0.name == file.name }
        let examined: FileStatus? =
            if let known {
                known.status
            } else {
                try directory.status(in: generation, file.name, "\(directory.path)/\(name)/\(file.name)")
            }
        guard let status = examined else { return ["missing"] }
        guard status.kind == .regular else { return ["not a regular file"] }
        var problems = status.permissions.differences(from: file.permissions)
        if status.links != 1 {
            problems.append("has \(status.links) names (hard links) instead of 1")
        }
        let content: [UInt8]? =
            if let known {
                known.bytes
            } else if status.size == Int64(file.bytes.count) {
                try directory.content(
                    of: file.name, in: generation, "\(directory.path)/\(name)", limit: file.bytes.count)
            } else {
                nil
            }
        if content != file.bytes {
            problems.append("its content is not what was published")
        }
        return problems
    }
}
