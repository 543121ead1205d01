import Daemon
import KeyMaterial
import Rotation

/// The one place where a command prints a key: that is what it was asked for.
struct RegeneratedKey {
    let target: RegenerateTarget
    let connectionString: ConnectionString

    /// JSON has Azure's own field names, with `id` and `keyType` beside them.
    ///
    /// - Parameters:
    ///   - isOneOfSeveral: JSON is one line, and the table says which resource.
    ///   - isFirst: whether the table has its header.
    func text(_ format: Regenerate.Format, isOneOfSeveral: Bool, isFirst: Bool) throws -> String {
        let key = connectionString.accessKey.secret.withExposedText { $0 }
        let connection = connectionString.secret.withExposedText { $0 }
        switch format {
        case .json: return try json(key, connection, isPretty: !isOneOfSeveral)
        case .table:
            let header = (isOneOfSeveral ? ["RESOURCE"] : []) + ["KEY TYPE", "KEY", "CONNECTION STRING"]
            let row = (isOneOfSeveral ? [target.id.name] : []) + [target.keyType.rawValue, key, connection]
            // What is to come is not known yet: names of Azure have 63 characters at most, keys 88.
            let widths = (isOneOfSeveral ? [28] : []) + [9, 88, 0]
            return (isFirst ? [header, row] : [row]).map { cells in
                zip(cells, widths).map { cell, width in
                    cell + String(repeating: " ", count: max(0, width - cell.count))
                }.joined(separator: "  ")
            }.joined(separator: "\n")
        case .env:
            return "AZURE_COMMUNICATION_CONNECTION_STRING=\"\(connection)\""
        }
    }

    private func json(_ key: String, _ connection: String, isPretty: Bool) throws -> String {
        let prefix = target.keyType.rawValue.lowercased()
        let fields = [
            "id": target.id.description, "keyType": target.keyType.rawValue, "\(prefix)Key": key,
            "\(prefix)ConnectionString": connection,
        ]
        return try JSONText.encode(fields, pretty: isPretty)
    }
}
