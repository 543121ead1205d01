import KeyMaterial
import Rotation
import SecretsDirectory
import Testing

@Suite struct EnvironmentFileTests {
    /// systemd.exec(5): in double quotes a backslash takes the meaning from `"`, `\`, `$` and `` ` ``.
    @Test func whatAShellWouldExpandIsQuoted() throws {
        try withTemporaryDirectory(under: fastParent) { path in
            var version = try secretVersion(1)
            let key = version.current.accessKey.secret.withExposedText { $0 }
            version.current = try ConnectionString("endpoint=https://$HOME`id`.example/;accesskey=\(key)")
            _ = try SecretsDirectory(path: path).publish(version, layout: ResourceLayout())
            let bytes = try #require(try Consumer.read("\(path)/\(resourceName)/env"))
            #expect(
                String(decoding: bytes, as: UTF8.self)
                    == "AZURE_COMMUNICATION_CONNECTION_STRING=\"endpoint=https://\\$HOME\\`id\\`.example/;"
                    + "accesskey=\(key)\"\n")
        }
    }
}
