import KeyMaterial
import Rotation

extension ResourceDirectory {
    /// Longer than any connection string and any metadata.
    private static let contentLimit = 64 * 1024

    /// nil when there is none.
    func connectionString() throws(Failure) -> ConnectionString? {
        try visibleContent(of: .connectionString).flatMap(Self.connectionString)
    }

    /// nil when nothing was ever published here.
    func read(_ layout: ResourceLayout.Resolved) throws(Failure) -> PublishedSecret? {
        let metadata = try visibleContent(of: .metadata).flatMap { SecretMetadata(json: $0) }
        let currentText = try visibleContent(of: .connectionString)
        let current = currentText.flatMap(Self.connectionString)
        let previous = try visibleContent(of: .previousConnectionString).flatMap(Self.connectionString)
        let keyType = try visibleContent(of: .keyType).flatMap {
            KeyType(rawValue: String(decoding: $0, as: UTF8.self))
        }
        if currentText == nil, metadata == nil, try isUntouched() { return nil }
        var secret = PublishedSecret(problems: [], leftovers: [])
        secret.fingerprint = current?.fingerprint
        secret.endpoint = current?.endpoint
        secret.keyType = metadata?.keyType ?? keyType
        secret.version = metadata?.version
        secret.publishedAt = metadata?.publishedAt
        secret.previousFingerprint = previous?.fingerprint
        secret.previousGoodUntil = metadata?.previousGoodUntil
        secret.nextRotation = metadata?.nextRotation
        guard let metadata, let current else {
            secret.problems = [
                current == nil ? "\(UsualFile.connectionString.rawValue): no connection string in it" : nil,
                metadata == nil ? "\(UsualFile.metadata.rawValue): not the metadata that keyturn writes" : nil,
            ].compactMap(\.self)
            return secret
        }
        let version = SecretVersion(
            name: name, version: metadata.version, keyType: metadata.keyType, current: current, previous: previous,
            publishedAt: metadata.publishedAt, previousGoodUntil: metadata.previousGoodUntil,
            nextRotation: metadata.nextRotation)
        let files = version.files(layout)
        secret.problems = try problems(files: files, permissions: layout.directory)
        secret.problems += try strangers(wanted: files).map { "\($0): not wanted" }
        secret.leftovers = try leftovers(files: files, permissions: layout.directory)
        return secret
    }

    private func leftovers(files: [SecretFile], permissions: Permissions) throws(Failure) -> [String] {
        let current = try currentGeneration()
        let kept: GenerationName? =
            if let current { try predecessor(of: current, files: files, permissions: permissions) } else { nil }
        return try staleLinks(wanted: files) + litter(kept: kept)
    }

    /// Nothing but what a first publication that was cut short leaves behind: no generation in place, and no file under
    /// a name that consumers read.
    private func isUntouched() throws(Failure) -> Bool {
        guard try status(of: Self.dataLink) == nil else { return false }
        for file in UsualFile.allCases {
            let status = try status(of: file.rawValue)
            if let status, status.kind != .symbolicLink { return false }
        }
        return true
    }

    private static func connectionString(_ bytes: [UInt8]) -> ConnectionString? {
        String(validating: bytes, as: UTF8.self).flatMap { try? ConnectionString($0) }
    }

    /// What a consumer gets who opens the file by its name: through our links, or a file that somebody put in the
    /// link's place. Links that are not ours are not followed.
    private func visibleContent(of file: UsualFile) throws(Failure) -> [UInt8]? {
        let name = file.rawValue
        guard let status = try status(of: name) else { return nil }
        if status.kind == .regular {
            return try content(of: name, in: descriptor, path, limit: Self.contentLimit)
        }
        guard try target(ofLink: name) == Self.target(of: name), let current = try currentGeneration(),
            let generation = try open(current)
        else { return nil }
        defer { fileSystem.close(generation) }
        guard try self.status(in: generation, name, "\(path)/\(current.text)/\(name)")?.kind == .regular else {
            return nil
        }
        return try content(of: name, in: generation, "\(path)/\(current.text)", limit: Self.contentLimit)
    }
}
