import SecretsDirectory

/// A file as its consumers find it.
struct DiskView: Equatable {
    var permissions: Permissions
    var bytes: [UInt8]
}
