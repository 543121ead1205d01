import Glibc
import Rotation

extension SecretsDirectory {
    /// Removes what was published for a resource that nobody publishes for any more, durably. What an operator put beside
    /// it stays, and with it the directory. Doing it again changes nothing; after an error it goes on where it ended.
    ///
    /// - Returns: false when the directory is still there for that.
    package func remove(_ name: String) throws(Failure) -> Bool {
        if let problem = EntryName.problem(with: name) {
            throw Failure(.publishFailed, "the resource name '\(name)' \(problem)")
        }
        let isEmptied = try withResource(name) { directory throws(Failure) -> Bool? in
            guard let directory else {
                throw Failure(.publishFailed, "\(path)/\(name): not a directory; move it away")
            }
            return try removeOurs(in: directory)
        }
        guard let isEmptied else { return true }
        guard isEmptied else { return false }
        let root = try openRoot(create: false)
        defer { fileSystem.close(root) }
        return try attempt("\(path)/\(name)", "could not be removed") { () throws(SystemError) in
            do throws(SystemError) {
                try fileSystem.unlinkat(root, name, flags: AT_REMOVEDIR)
            } catch {
                guard error.code != ENOTEMPTY, error.code != EEXIST else { return false }
                guard error.code == ENOENT else { throw error }
            }
            try fileSystem.syncDirectory(root)
            return true
        }
    }

    /// The links first, so that no reader finds one that leads nowhere for longer than that takes; then what is secret.
    private func removeOurs(in directory: ResourceDirectory) throws(Failure) -> Bool {
        let names = try directory.names()
        let links = try directory.staleLinks(among: names, wanted: [])
        let others = names.filter { $0.hasPrefix("..") }
        try attempt(directory.path, "could not be emptied") { () throws(SystemError) in
            for name in links + others { try fileSystem.removeTree(directory.descriptor, name) }
            try fileSystem.syncDirectory(directory.descriptor)
        }
        return try directory.names().isEmpty
    }
}
