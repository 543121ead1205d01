import KeyMaterial
import Rotation

extension ResourceDirectory {
    /// nil when there is none.
    func connectionString() throws(Failure) -> ConnectionString? {
        var look = DirectoryLook(self)
        defer { look.end() }
        return try look.visibleContent(of: .connectionString).flatMap(Self.connectionString)
    }

    /// nil when nothing was ever published here.
    func read(_ layout: ResourceLayout.Resolved) throws(Failure) -> PublishedSecret? {
        var look = DirectoryLook(self)
        defer { look.end() }
        let metadata = try look.visibleContent(of: .metadata).flatMap { SecretMetadata(json: $0) }
        let currentText = try look.visibleContent(of: .connectionString)
        let current = currentText.flatMap(Self.connectionString)
        let previous = try look.visibleContent(of: .previousConnectionString).flatMap(Self.connectionString)
        if currentText == nil, metadata == nil, try isUntouched() { return nil }
        var secret = PublishedSecret(problems: [], leftovers: [])
        secret.fingerprint = current?.fingerprint
        secret.endpoint = current?.endpoint
        secret.keyType = metadata?.keyType
        secret.version = metadata?.version
        secret.publishedAt = metadata?.publishedAt
        secret.previousFingerprint = previous?.fingerprint
        secret.previousGoodUntil = metadata?.previousGoodUntil
        secret.nextRotation = metadata?.nextRotation
        guard let metadata, let current else {
            if metadata == nil {
                secret.keyType = try look.visibleContent(of: .keyType).flatMap {
                    KeyType(rawValue: String(decoding: $0, as: UTF8.self))
                }
            }
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
        secret.problems = try look.problems(files: files, permissions: layout.directory)
        secret.problems += try strangers(wanted: files).map { "\($0): not wanted" }
        secret.leftovers = try leftovers(
            files: files, permissions: layout.directory, try look.generationName())
        return secret
    }

    private func leftovers(
        files: [SecretFile], permissions: Permissions, _ current: GenerationName?
    ) throws(Failure) -> [String] {
        let names = try names()
        let kept: GenerationName? =
            if let current {
                try predecessor(of: current, among: names, files: files, permissions: permissions)
            } else { nil }
        return try staleLinks(among: names, wanted: files) + litter(among: names, kept: kept)
    }

    /// Nothing but what a first publication that was cut short leaves behind: no generation in place, and no file under
    /// a name that consumers read.
    private func isUntouched() throws(Failure) -> Bool {
        guard try status(of: Self.dataLink) == nil else { return false }
        for file in UsualFile.allCases {
            let status = try status(of: file.rawValue)
            if let status, status.kind != .symbolicLink { return false }
        }
        // A second publication comes after a first one, whatever somebody has done to the link since.
        return try !names().contains { GenerationName($0).map { $0.version > 1 } ?? false }
    }

    private static func connectionString(_ bytes: [UInt8]) -> ConnectionString? {
        String(validating: bytes, as: UTF8.self).flatMap { try? ConnectionString($0) }
    }
}
