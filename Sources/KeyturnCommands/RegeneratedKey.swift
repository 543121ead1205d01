import Daemon
import KeyMaterial
import Rotation

/// The one place where a command prints a key: that is what it was asked for.
struct RegeneratedKey {
    let target: RegenerateTarget
    let connectionString: ConnectionString

    /// JSON has Azure's own field names, with `id` and `keyType` beside them.
    func text(_ format: Regenerate.Format) throws -> String {
        let prefix = target.keyType.rawValue.lowercased()
        let key = connectionString.accessKey.secret.withExposedText { $0 }
        let connection = connectionString.secret.withExposedText { $0 }
        switch format {
        case .json:
            return try JSONText.encode(
                [
                    "id": target.id.description, "keyType": target.keyType.rawValue, "\(prefix)Key": key,
                    "\(prefix)ConnectionString": connection,
                ], pretty: true)
        case .table:
            var table = Table(header: ["KEY TYPE", "KEY", "CONNECTION STRING"])
            table.append([target.keyType.rawValue, key, connection])
            return table.text
        case .env:
            return "AZURE_COMMUNICATION_CONNECTION_STRING=\"\(connection)\""
        }
    }
}
