import FoundationEssentials
import Rotation
import SecretsDirectory
import Testing

@Suite struct MetadataTests {
    /// What is written by hand is what a JSON encoder writes, and is read by hand as a JSON decoder reads it.
    @Test(arguments: [1, 2, 41]) func theFileIsAsAnEncoderWouldWriteIt(number: Int) throws {
        try withTemporaryDirectory(under: fastParent) { path in
            var version = try secretVersion(number)
            version.publishedAt = version.publishedAt + .microseconds(1500)
            if number == 1 { version.nextRotation = nil }
            let directory = SecretsDirectory(path: path)
            _ = try directory.publish(version, layout: ResourceLayout())
            let bytes = try #require(try Consumer.read("\(path)/\(resourceName)/metadata.json"))
            let decoded = try JSONDecoder().decode(SecretMetadata.self, from: Data(bytes))
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            #expect(try [UInt8](encoder.encode(decoded)) + [UInt8(ascii: "\n")] == bytes)
            let read = try #require(try directory.read(resourceName, layout: ResourceLayout()))
            #expect(read.intact)
            #expect(read.version == decoded.version && read.keyType == decoded.keyType)
            #expect(read.fingerprint == decoded.fingerprint && read.previousFingerprint == decoded.previousFingerprint)
            #expect(read.publishedAt == decoded.publishedAt && read.publishedAt == version.publishedAt)
            #expect(read.previousGoodUntil == decoded.previousGoodUntil && read.nextRotation == decoded.nextRotation)
        }
    }
}
