import Glibc
import KeyMaterial
import Rotation

/// The directory from which consumers read their connection strings: a directory a resource, in it one symbolic link a
/// file, all through `..data`, so that one rename(2) switches every file of a resource at once.
///
/// Everything blocks, on fsync(2) for a while: call it off the cooperative pool. One caller at a time for a resource:
/// two would take each other's unfinished work for leftovers.
///
/// What can be in a resource's directory, beside the links:
/// - `..data`, the link to the generation that is published;
/// - the generation that was published before it, for a reader who opened that a moment ago. It goes at the next
///   publication, or at once when it is open to anybody who may not read the new one;
/// - whatever else an operator put there under a name that is not ours. It is left alone.
package struct SecretsDirectory: Sendable {
    /// Absolute.
    package let path: String
    let fileSystem: any FileSystem

    package init(path: String, fileSystem: any FileSystem = PosixFileSystem()) {
        self.path = path
        self.fileSystem = fileSystem
    }

    /// Makes sure that keys can be kept here: creates the directory (mode 0751) when only it is missing, and refuses it
    /// when it or a directory above it can be changed by anybody but root and the user that runs the daemon.
    ///
    /// To be writable for a group is refused too, unless the group is root's or the daemon's own. Above the directory
    /// itself a sticky directory (as /tmp and /dev/shm are) may be writable: nobody can rename what belongs to us
    /// there.
    package func verify() throws(Failure) {
        fileSystem.close(try openRoot(create: true))
    }

    /// Fails where nothing could be written now: in a file system that is read-only, to everybody or in this service
    /// (`ProtectSystem=` of systemd.exec(5)), and without permission. Asked of the kernel, access(2), so that a key is
    /// not turned first.
    package func checkWritable() throws(Failure) {
        guard access(path, W_OK | X_OK) != 0 else { return }
        throw Failure.system(SystemError(errno), path, "nothing can be written there")
    }

    /// What is published for a resource now, and how it differs from what `publish` would have written; nil when
    /// nothing is. Whatever somebody did to the files is told in `problems`; an error means that it cannot be known.
    package func read(_ name: String, layout: ResourceLayout) throws(Failure) -> PublishedSecret? {
        try check(name, layout)
        return try withResource(name) { directory throws(Failure) in
            guard let directory else {
                return PublishedSecret(problems: ["\(path)/\(name): not a directory; move it away"], leftovers: [])
            }
            return try directory.read(ResourceLayout.Resolved(layout, on: fileSystem))
        }
    }

    /// Makes what consumers read now survive a power failure, also where its publication did not return: whoever goes by what
    /// it finds there does so first.
    package func makeDurable(_ name: String) throws(Failure) {
        try check(name, ResourceLayout())
        _ = try withResource(name) { directory throws(Failure) -> Void? in
            guard let directory else { return nil }
            // What a link leads to was durable before the link.
            return try attempt(directory.path, "could not be written to the disk") { () throws(SystemError) in
                try fileSystem.fsync(directory.descriptor)
                try fileSystem.fsync(directory.root)
            }
        }
    }

    /// The connection string that consumers read now; nil when there is none.
    package func connectionString(_ name: String) throws(Failure) -> ConnectionString? {
        try check(name, ResourceLayout())
        return try withResource(name) { directory throws(Failure) in try directory?.connectionString() }
    }

    /// nil when the resource has no directory; `body` is given none when there is something else in its place.
    func withResource<Result>(
        _ name: String, _ body: (ResourceDirectory?) throws(Failure) -> Result?
    ) throws(Failure) -> Result? {
        let root: Int32
        do {
            root = try openRoot(create: false)
        } catch {
            if rootIsMissing() { return nil }
            throw error
        }
        defer { fileSystem.close(root) }
        let resourcePath = "\(path)/\(name)"
        let status: FileStatus?
        do {
            status = try fileSystem.fstatat(root, name)
        } catch {
            guard error.code == ENOENT else { throw Failure.system(error, resourcePath, "could not be examined") }
            status = nil
        }
        guard let status else { return nil }
        guard status.kind == .directory else { return try body(nil) }
        let descriptor = try attempt(resourcePath, "could not be opened") { () throws(SystemError) in
            try fileSystem.openDirectory(root, name)
        }
        defer { fileSystem.close(descriptor) }
        return try body(
            ResourceDirectory(
                fileSystem: fileSystem, descriptor: descriptor, root: root, path: resourcePath, name: name))
    }

    /// Puts a version in place, as a whole or not at all, and durably: on return it survives a power failure. When it
    /// is there already nothing is written. What somebody tampered with is put right.
    ///
    /// On an error nothing has changed for consumers, unless its text says that the new version is in place; the same
    /// call may be made again.
    package func publish(_ version: SecretVersion, layout: ResourceLayout) throws(Failure) -> PublishOutcome {
        try check(version.name, layout)
        guard version.version >= 0 else {
            throw Failure(.publishFailed, "version \(version.version) of \(version.name) is negative")
        }
        let resolved = ResourceLayout.Resolved(layout, on: fileSystem)
        let root = try openRoot(create: true)
        defer { fileSystem.close(root) }
        let directory = try openResourceDirectory(root, version.name)
        defer { fileSystem.close(directory.descriptor) }
        let publication = Publication(
            directory: directory, version: version.version, files: version.files(resolved),
            permissions: resolved.directory)
        return try publication.run()
    }

    private func check(_ name: String, _ layout: ResourceLayout) throws(Failure) {
        if let problem = EntryName.problem(with: name) {
            throw Failure(.publishFailed, "the resource name '\(name)' \(problem)")
        }
        if let problem = layout.problems.first {
            throw Failure(.publishFailed, "\(path)/\(name): \(problem)")
        }
    }

    private func openResourceDirectory(_ root: Int32, _ name: String) throws(Failure) -> ResourceDirectory {
        let path = "\(path)/\(name)"
        do {
            try fileSystem.mkdirat(root, name, mode: 0o700)
        } catch {
            guard error.code == EEXIST else { throw Failure.system(error, path, "could not be created") }
        }
        let descriptor = try attempt(path, "could not be opened") { () throws(SystemError) in
            try fileSystem.openDirectory(root, name)
        }
        return ResourceDirectory(fileSystem: fileSystem, descriptor: descriptor, root: root, path: path, name: name)
    }
}
