import CryptoExtras
import FoundationEssentials
import Subprocess
import SwiftASN1
import X509

/// An app registration's certificate under an authority of its own, for tests.
struct TestCertificate {
    let key: _RSA.Signing.PrivateKey
    let der: [UInt8]
    let authorityDER: [UInt8]

    /// - Parameter days: from now until it expires; negative: it has expired.
    init(days: Double = 30) throws {
        let name = try DistinguishedName { CommonName("test authority \(UUID().uuidString)") }
        let authorityKey = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        authorityDER = try Self.make(name, authorityKey.publicKey, issuer: name, authorityKey, days: 365)
        der = try Self.make(
            try DistinguishedName { CommonName("test app") }, key.publicKey, issuer: name, authorityKey, days: days)
        self.key = key
    }

    private static func make(
        _ subject: DistinguishedName, _ key: _RSA.Signing.PublicKey, issuer: DistinguishedName,
        _ issuerKey: _RSA.Signing.PrivateKey, days: Double
    ) throws -> [UInt8] {
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key),
            notValidBefore: Date.now.addingTimeInterval(-86_400 * 60),
            notValidAfter: Date.now.addingTimeInterval(86_400 * days), issuer: issuer, subject: subject,
            signatureAlgorithm: .sha256WithRSAEncryption, extensions: Certificate.Extensions(),
            issuerPrivateKey: .init(issuerKey))
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }

    static func pem(_ der: [UInt8]) -> String {
        PEMDocument(type: "CERTIFICATE", derBytes: der).pemString + "\n"
    }

    /// The certificates of issuers first, so that order cannot be what finds the right one.
    var pem: String {
        Self.pem(authorityDER) + key.pkcs8PEMRepresentation + "\n" + Self.pem(der)
    }
}

/// The openssl command, as another hand that writes keys and certificates.
enum OpenSSL {
    static let isThere = FileManager.default.fileExists(atPath: "/usr/bin/openssl")

    struct Failed: Error {}

    static func run(_ arguments: String...) async throws {
        try await run(arguments)
    }

    static func run(_ arguments: [String]) async throws {
        let result = try await Subprocess.run(
            .name("openssl"), arguments: Arguments(arguments), output: .discarded, error: .discarded)
        guard result.terminationStatus.isSuccess else { throw Failed() }
    }
}
