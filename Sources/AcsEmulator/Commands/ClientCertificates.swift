import ArgumentParser
import CryptoExtras
import FoundationEssentials
import NIOSSL
import SwiftASN1
import X509

/// Certificates of an app registration.
enum ClientCertificates {
    /// The certificates in a PEM file, DER.
    static func read(_ path: String) throws -> [[UInt8]] {
        do {
            let certificates = try NIOSSLCertificate.fromPEMFile(path).map { try $0.toDERBytes() }
            if !certificates.isEmpty { return certificates }
        } catch {
            throw ValidationError("--client-certificate: cannot read \(path) as PEM certificates")
        }
        throw ValidationError("--client-certificate: there is no certificate in \(path)")
    }

    /// A new certificate, and it together with its key as PEM.
    static func make() throws -> (der: [UInt8], pem: String) {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let name = try DistinguishedName { CommonName("acs-emulator practice app") }
        let now = Date()
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(key.publicKey),
            notValidBefore: now.addingTimeInterval(-3600), notValidAfter: now.addingTimeInterval(365 * 86_400),
            issuer: name, subject: name, signatureAlgorithm: .sha256WithRSAEncryption,
            extensions: Certificate.Extensions { KeyUsage(digitalSignature: true) }, issuerPrivateKey: .init(key))
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        let der = serializer.serializedBytes
        let pem = PEMDocument(type: "CERTIFICATE", derBytes: der).pemString
        return (der, "\(key.pkcs8PEMRepresentation)\n\(pem)\n")
    }
}
