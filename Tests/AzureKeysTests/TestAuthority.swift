import Crypto
import FoundationEssentials
import NIOSSL
import SwiftASN1
import X509

/// A certificate authority for one test, and a server certificate under it.
struct TestAuthority {
    let certificatePEM: String
    let server: NIOSSLContext

    /// - Parameters:
    ///   - address: the IPv4 address the server certificate is for.
    ///   - name: a name that it is for as well.
    ///   - protocols: what the server offers (ALPN, RFC 7301).
    init(address: [UInt8] = [127, 0, 0, 1], name serverName: String? = nil, protocols: [String] = []) throws {
        let key = P256.Signing.PrivateKey()
        let name = try DistinguishedName { CommonName("test authority \(UUID().uuidString)") }
        let authority = try Self.certificate(
            subject: name, key: key.publicKey, issuer: name, issuerKey: key,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true))
            })
        let serverKey = P256.Signing.PrivateKey()
        let leaf = try Self.certificate(
            subject: try DistinguishedName { CommonName("test server") }, key: serverKey.publicKey, issuer: name,
            issuerKey: key,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                SubjectAlternativeNames(
                    [.ipAddress(ASN1OctetString(contentBytes: address[...]))]
                        + (serverName.map { [.dnsName($0)] } ?? []))
            })
        certificatePEM = PEMDocument(type: "CERTIFICATE", derBytes: try Self.der(authority)).pemString + "\n"
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: try Self.der(leaf), format: .der))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(serverKey.derRepresentation), format: .der)))
        configuration.applicationProtocols = protocols
        server = try NIOSSLContext(configuration: configuration)
    }

    private static func der(_ certificate: Certificate) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }

    private static func certificate(
        subject: DistinguishedName, key: P256.Signing.PublicKey, issuer: DistinguishedName,
        issuerKey: P256.Signing.PrivateKey, extensions: Certificate.Extensions
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key),
            notValidBefore: Date.now.addingTimeInterval(-3600), notValidAfter: Date.now.addingTimeInterval(86_400),
            issuer: issuer, subject: subject, signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions,
            issuerPrivateKey: .init(issuerKey))
    }
}
