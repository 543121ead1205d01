import FoundationEssentials
import KeyMaterial
import Rotation
import SecretsDirectory
import Simulation

/// Versions of one resource to publish on a `ModelDisk`, and what its consumers see of them.
enum DiskSecrets {
    static let name = "contoso-sms"
    static let root = "/var/lib/keyturn/secrets"
    static let directory = "\(root)/\(name)"

    /// Connection strings with keys of counted bytes, a different one for each number.
    static func connectionString(_ number: Int) throws -> ConnectionString {
        let key = Data((0..<64).map { UInt8(truncatingIfNeeded: $0 &* 5 &+ number &* 3 &+ number >> 8) })
        return try ConnectionString(
            "endpoint=https://contoso-sms.unitedstates.communication.azure.com/;accesskey=\(key.base64EncodedString())")
    }

    /// Version `number`, with the key of the same number and, as previous one, of the number before.
    static func version(_ number: Int, hasPrevious: Bool = true) throws -> SecretVersion {
        let publishedAt = Instant(unixSeconds: 1_780_000_000 + Int64(number) * 86_400)
        let hasPrevious = hasPrevious && number > 1
        return SecretVersion(
            name: name, version: number, keyType: number % 2 == 1 ? .primary : .secondary,
            current: try connectionString(number), previous: hasPrevious ? try connectionString(number - 1) : nil,
            publishedAt: publishedAt, previousGoodUntil: hasPrevious ? publishedAt + .seconds(86_400) : nil,
            nextRotation: publishedAt + .seconds(30 * 86_400))
    }

    /// A disk that has only the directory above the secrets directory.
    static func emptyDisk() throws -> ModelDisk {
        let disk = ModelDisk()
        try disk.makeDirectory("/var/lib/keyturn")
        return disk
    }

    static func on(_ fileSystem: any FileSystem) -> SecretsDirectory {
        SecretsDirectory(path: root, fileSystem: fileSystem)
    }

    /// Every file that a consumer can open in the resource's directory, by name, and the directory they are in.
    static func view(_ disk: ModelDisk) -> [String: DiskView] {
        var view: [String: DiskView] = [:]
        for name in disk.names(directory) ?? [] where !name.hasPrefix("..") || name == "..data" {
            let path = "\(directory)/\(name)"
            guard let status = disk.status(path) else { continue }
            view[name] = DiskView(permissions: status.permissions, bytes: disk.contents(path) ?? [])
        }
        return view
    }

    /// What a publication of its own shows consumers.
    static func view(of version: SecretVersion, _ layout: ResourceLayout) throws -> [String: DiskView] {
        let disk = try emptyDisk()
        _ = try on(disk).publish(version, layout: layout)
        return view(disk)
    }
}
