import Crypto
import FoundationEssentials
import NIOCore
import NIOSSL
import SwiftASN1
import Synchronization
import X509

/// A certificate authority made for one run, and the server certificates under it.
///
/// A certificate names its addresses, and thousands of them would make it too large for a handshake. So there is one
/// for each 254 addresses, made when the first of them is connected to.
final class ServerCertificates: Sendable {
    /// What clients must trust.
    let authorityPEM: String
    private let authority: Certificate
    private let authorityKey = P256.Signing.PrivateKey()
    private let contexts = Mutex<[Int: NIOSSLContext]>([:])

    init() throws {
        let name = try DistinguishedName { CommonName("acs-emulator practice authority") }
        authority = try Self.certificate(
            subject: name, key: authorityKey.publicKey, issuer: name, issuerKey: authorityKey,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
            })
        var serializer = DER.Serializer()
        try serializer.serialize(authority)
        authorityPEM = PEMDocument(type: "CERTIFICATE", derBytes: serializer.serializedBytes).pemString + "\n"
    }

    /// What a connection to this address is served with.
    func context(for address: LoopbackAddress) throws -> NIOSSLContext {
        try contexts.withLock { contexts in
            if let known = contexts[address.block] { return known }
            let made = try makeContext(block: address.block)
            contexts[address.block] = made
            return made
        }
    }

    private func makeContext(block: Int) throws -> NIOSSLContext {
        let key = P256.Signing.PrivateKey()
        let addresses = LoopbackAddress.addresses(inBlock: block)
        let certificate = try Self.certificate(
            subject: try DistinguishedName { CommonName("acs-emulator \(addresses[0])") }, key: key.publicKey,
            issuer: authority.subject, issuerKey: authorityKey,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(
                    addresses.map { .ipAddress(ASN1OctetString(contentBytes: $0.octets[...])) }
                        + (block == 0 ? [.dnsName("localhost")] : []))
            })
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(try NIOSSLCertificate(bytes: serializer.serializedBytes, format: .der))],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.derRepresentation), format: .der)))
        configuration.applicationProtocols = ["http/1.1"]
        // How long to wait for the client to say goodbye when a connection is closed.
        configuration.shutdownTimeout = .milliseconds(100)
        return try NIOSSLContext(configuration: configuration)
    }

    private static func certificate(
        subject: DistinguishedName, key: P256.Signing.PublicKey, issuer: DistinguishedName,
        issuerKey: P256.Signing.PrivateKey, extensions: Certificate.Extensions
    ) throws -> Certificate {
        let now = Date()
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key),
            notValidBefore: now.addingTimeInterval(-3600), notValidAfter: now.addingTimeInterval(365 * 86_400),
            issuer: issuer, subject: subject, signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions,
            issuerPrivateKey: .init(issuerKey))
    }
}
