import Glibc
import Rotation

/// Puts one version into a resource's directory.
///
/// The order of the steps is what makes it safe to stop after any of them:
/// 1. what earlier runs left unfinished is removed;
/// 2. a new generation directory, closed to everybody, gets its files; then it is opened, and all of it synced;
/// 3. links for new names are made: they lead nowhere yet, which to a reader is "no file";
/// 4. `..data` is replaced by one rename: every file changes at once;
/// 5. the directory is synced;
/// 6. links for unwanted names and older generations are removed.
struct Publication {
    let directory: ResourceDirectory
    let version: Int
    let files: [SecretFile]
    /// Of the resource's directory and of the generation.
    let permissions: Permissions

    private var fileSystem: any FileSystem { directory.fileSystem }
    private var descriptor: Int32 { directory.descriptor }

    init(directory: ResourceDirectory, version: Int, files: [SecretFile], permissions: Permissions) {
        self.directory = directory
        self.version = version
        self.files = files
        self.permissions = permissions
    }

    func run() throws(Failure) -> PublishOutcome {
        try attempt(directory.path, "its mode or owner could not be set") { () throws(SystemError) in
            try fileSystem.setPermissions(ofDirectory: descriptor, to: permissions)
        }
        let old = try directory.currentGeneration()
        if old?.version == version, isInPlace {
            // The run that wrote it may have been stopped before it could do this.
            try sync()
            sweep(
                kept: try old.flatMap { current throws(Failure) in
                    try directory.predecessor(
                        of: current, among: try directory.names(), files: files, permissions: permissions)
                })
            return .unchanged
        }
        // A run that was stopped may have switched and not synced: on the disk `..data` still leads to what is removed.
        try sync()
        removeLitter(among: (try? directory.names()) ?? [], kept: nil)
        let new = try unusedName()
        do {
            try write(new)
            try linkNames()
            try attempt(directory.path, "could not be written to the disk") { () throws(SystemError) in
                try fileSystem.syncDirectory(descriptor)
            }
            try switchTo(new)
        } catch {
            abandon(new)
            throw error
        }
        do {
            try mendLinks { _ throws(Failure) in true }
            try sync()
        } catch {
            throw Failure(error.reason, "\(error.detail) (version \(version) is in place, but not yet secured)")
        }
        sweep(kept: keepable(old))
        return .written(version)
    }

    /// What cannot be read is not in place: it is written anew.
    private var isInPlace: Bool {
        var look = DirectoryLook(directory)
        defer { look.end() }
        return (try? look.problems(files: files, permissions: permissions).isEmpty) ?? false
    }

    private func unusedName() throws(Failure) -> GenerationName {
        var name = GenerationName(version: version)
        while try directory.status(of: name.text) != nil {
            name = GenerationName(version: version, attempt: name.attempt + 1)
        }
        return name
    }

    /// The old generation, if a reader who has just opened it may go on. Not when that cannot be told.
    private func keepable(_ old: GenerationName?) -> GenerationName? {
        guard let old, (try? directory.mayBeKept(old, files: files, permissions: permissions)) == true else {
            return nil
        }
        return old
    }

    private func sync() throws(Failure) {
        try attempt(directory.path, "could not be written to the disk") { () throws(SystemError) in
            try fileSystem.syncDirectory(descriptor)
            try fileSystem.syncDirectory(directory.root)
        }
    }
}

extension Publication {
    private func write(_ generation: GenerationName) throws(Failure) {
        let path = "\(directory.path)/\(generation.text)"
        let opened = try attempt(path, "could not be created") { () throws(SystemError) in
            try fileSystem.mkdirat(descriptor, generation.text, mode: 0o700)
            return try fileSystem.openDirectory(descriptor, generation.text)
        }
        defer { fileSystem.close(opened) }
        for file in files {
            try attempt("\(path)/\(file.name)", "could not be written") { () throws(SystemError) in
                try write(file, in: opened)
            }
        }
        try attempt(path, "could not be written") { () throws(SystemError) in
            try fileSystem.setPermissions(ofDirectory: opened, to: permissions)
            try fileSystem.syncDirectory(opened)
        }
    }

    private func write(_ file: SecretFile, in generation: Int32) throws(SystemError) {
        let opened = try fileSystem.createFile(generation, file.name)
        defer { fileSystem.close(opened) }
        try fileSystem.writeAll(opened, file.bytes)
        try fileSystem.setPermissions(ofFile: opened, to: file.permissions)
        try fileSystem.fsync(opened)
    }

    private func switchTo(_ generation: GenerationName) throws(Failure) {
        let name = ResourceDirectory.dataLink
        try attempt("\(directory.path)/\(name)", "could not be replaced") { () throws(SystemError) in
            try fileSystem.symlinkat(generation.text, descriptor, ResourceDirectory.newDataLink)
            do throws(SystemError) {
                try fileSystem.renameat(descriptor, ResourceDirectory.newDataLink, to: name)
            } catch {
                guard error.code == EISDIR else { throw error }
                // Somebody made it a directory. There is nothing to keep up for readers; out of the way with it.
                try fileSystem.renameat(descriptor, name, to: "..data_displaced")
                try fileSystem.renameat(descriptor, ResourceDirectory.newDataLink, to: name)
            }
        }
    }
}

extension Publication {
    private static let newLink = "..link_tmp"

    /// Before the switch: makes the links that are missing and lead nowhere until then. What the present generation has is
    /// not to be read anew, for its key may be dead; and what somebody put in a link's place can be read until there is
    /// something better.
    private func linkNames() throws(Failure) {
        let old = try directory.currentGeneration()
        let generation: Int32? = if let old { try directory.open(old) } else { nil }
        defer { if let generation { fileSystem.close(generation) } }
        try mendLinks { name throws(Failure) in
            guard try directory.status(of: name) == nil else { return false }
            guard let generation else { return true }
            return try directory.status(in: generation, name, "\(directory.path)/\(name)") == nil
        }
    }

    private func mendLinks(where isTime: (String) throws(Failure) -> Bool) throws(Failure) {
        for file in files {
            let target = ResourceDirectory.target(of: file.name)
            if try directory.target(ofLink: file.name) != target, try isTime(file.name) {
                try attempt("\(directory.path)/\(file.name)", "could not be replaced by a link") {
                    () throws(SystemError) in try link(file.name, to: target)
                }
            }
        }
    }

    private func link(_ name: String, to target: String) throws(SystemError) {
        do throws(SystemError) {
            return try fileSystem.symlinkat(target, descriptor, name)
        } catch {
            guard error.code == EEXIST else { throw error }
        }
        if try fileSystem.fstatat(descriptor, name).kind == .directory {
            // As container engines make one when told to mount a file that is not there yet. Only an empty one goes.
            try fileSystem.unlinkat(descriptor, name, flags: AT_REMOVEDIR)
            return try fileSystem.symlinkat(target, descriptor, name)
        }
        try fileSystem.symlinkat(target, descriptor, Self.newLink)
        try fileSystem.renameat(descriptor, Self.newLink, to: name)
    }
}

/// What cannot be removed does not undo a publication: it is tried again at the next one, and `read` tells of it.
extension Publication {
    private func sweep(kept: GenerationName?) {
        let names = (try? directory.names()) ?? []
        for name in (try? directory.staleLinks(among: names, wanted: files)) ?? [] {
            removeQuietly(name)
        }
        for name in (try? directory.strangers(wanted: files)) ?? [] {
            // A directory with something in it is not ours to delete.
            try? fileSystem.removeTree(descriptor, name, depth: 0)
        }
        removeLitter(among: names, kept: kept)
    }

    private func removeLitter(among names: [String], kept: GenerationName?) {
        for name in (try? directory.litter(among: names, kept: kept)) ?? [] {
            removeQuietly(name)
        }
    }

    /// A network file system can report a rename as failed that was done, so what is removed is only what `..data` does
    /// not lead to.
    private func abandon(_ generation: GenerationName) {
        if let names = try? directory.names(), let litter = try? directory.litter(among: names, kept: nil),
            litter.contains(generation.text)
        {
            removeQuietly(generation.text)
            removeQuietly(ResourceDirectory.newDataLink)
        }
    }

    private func removeQuietly(_ name: String) {
        try? fileSystem.removeTree(descriptor, name)
    }
}
