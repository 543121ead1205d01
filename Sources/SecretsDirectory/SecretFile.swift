import KeyMaterial
import Rotation

/// One file as it is to stand on disk.
struct SecretFile {
    let name: String
    let permissions: Permissions
    let bytes: [UInt8]
}

extension SecretVersion {
    /// Every file of this version.
    func files(_ layout: ResourceLayout.Resolved) -> [SecretFile] {
        let usual = UsualFile.allCases.compactMap { file in
            content(of: file).map { SecretFile(name: file.rawValue, permissions: layout.usualFile, bytes: $0) }
        }
        let extra = layout.layout.files.map { file in
            let text = file.template.render { self.value(of: $0) }
            return SecretFile(name: file.name, permissions: layout.extraFile(file), bytes: Array(text.utf8))
        }
        return usual + extra
    }

    private func content(of file: UsualFile) -> [UInt8]? {
        switch file {
        case .connectionString: Self.bytes(current.secret)
        case .previousConnectionString: previous.map { Self.bytes($0.secret) }
        case .accessKey: Self.bytes(current.accessKey.secret)
        case .endpoint: Array(current.endpoint.utf8)
        case .keyType: Array(keyType.rawValue.utf8)
        case .environment: current.secret.withExposedText { Self.environment(connectionString: $0) }
        case .metadata: SecretMetadata(self).json
        }
    }

    private static func bytes(_ secret: Secret) -> [UInt8] {
        secret.withExposedText { Array($0.utf8) }
    }

    /// In double quotes a backslash before `"`, `\`, `$` and `` ` `` means the character itself, to systemd
    /// (systemd.exec(5), EnvironmentFile=) and to a shell that sources the file alike.
    static func environment(connectionString: String) -> [UInt8] {
        let beginning = "AZURE_COMMUNICATION_CONNECTION_STRING=\""
        var line: [UInt8] = []
        line.reserveCapacity(beginning.utf8.count + connectionString.utf8.count + 2)
        line += beginning.utf8
        let text = connectionString.utf8Span.span
        for index in text.indices {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"), UInt8(ascii: "`"):
                line.append(UInt8(ascii: "\\"))
            default: break
            }
            line.append(byte)
        }
        line += "\"\n".utf8
        return line
    }

    /// What a template's variable stands for; nil when this version has no such thing.
    private func value(of variable: TemplateVariable) -> String? {
        switch variable {
        case .connectionString: current.secret.withExposedText { $0 }
        case .previousConnectionString: previous?.secret.withExposedText { $0 }
        case .accessKey: current.accessKey.secret.withExposedText { $0 }
        case .previousAccessKey: previous?.accessKey.secret.withExposedText { $0 }
        case .endpoint: current.endpoint
        case .host: Self.host(of: current.endpoint)
        case .keyType: keyType.rawValue
        case .version: String(version)
        case .fingerprint: current.fingerprint.hex
        case .publishedAt: publishedAt.description
        case .previousGoodUntil: previousGoodUntil?.description
        case .nextRotation: nextRotation?.description
        case .name: name
        }
    }

    /// The endpoint without its scheme and path; a port stays.
    private static func host(of endpoint: String) -> String {
        var rest = endpoint[...]
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
        }
        return String(rest.prefix { $0 != "/" })
    }
}
