import CryptoExtras
import FoundationEssentials
import KeyMaterial
import NIOSSL

/// A private key and certificates, as they were found in a file.
struct CertificateBag {
    let key: _RSA.Signing.PrivateKey
    /// DER, in the order of the file.
    let certificates: [[UInt8]]

    init(pkcs12 bytes: [UInt8], password: Secret?) throws(ClientCertificate.Unusable) {
        let file = try PKCS12(bytes, password: password)
        guard let der = file.keys.first else { throw ClientCertificate.Unusable("there is no private key in it") }
        do {
            key = try _RSA.Signing.PrivateKey(derRepresentation: der)
        } catch {
            throw ClientCertificate.Unusable(
                "the private key cannot be used: it must be an RSA key of 2048 bits or more")
        }
        certificates = file.certificates
    }

    init(pem bytes: [UInt8], password: Secret?) throws(ClientCertificate.Unusable) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ClientCertificate.Unusable("this is no PEM: it is not text")
        }
        key = try PrivateKeyPEM.read(text, password: password)
        guard text.contains("-----BEGIN CERTIFICATE-----") else {
            certificates = []
            return
        }
        do {
            certificates = try NIOSSLCertificate.fromPEMBytes(bytes).map { try $0.toDERBytes() }
        } catch {
            throw ClientCertificate.Unusable("one of the certificates cannot be read")
        }
    }
}

/// The private key among other things in a PEM file.
enum PrivateKeyPEM {
    static func looksLikePEM(_ bytes: [UInt8]) -> Bool {
        bytes.firstRange(of: Array("-----BEGIN ".utf8)) != nil
    }

    static func read(_ text: String, password: Secret?) throws(ClientCertificate.Unusable) -> _RSA.Signing.PrivateKey {
        let end = " PRIVATE KEY-----"
        guard let label = text.split(whereSeparator: \.isNewline).first(where: { isBegin($0) }) else {
            throw ClientCertificate.Unusable("there is no private key in it")
        }
        guard !label.contains("BEGIN EC"), !label.contains("BEGIN OPENSSH"), !label.contains("BEGIN DSA") else {
            throw ClientCertificate.Unusable("the private key is no RSA key, and Microsoft Entra takes no other")
        }
        let endLabel = label.replacing("-----BEGIN", with: "-----END")
        guard let start = text.firstRange(of: label), let stop = text[start.upperBound...].firstRange(of: endLabel)
        else { throw ClientCertificate.Unusable("the private key has no line '-----END …\(end)'") }
        let pem = String(text[start.lowerBound..<stop.upperBound]) + "\n"
        let isEncrypted = label.contains("ENCRYPTED") || pem.contains("Proc-Type: 4,ENCRYPTED")
        return try key(pem, isEncrypted ? password : nil, isEncrypted: isEncrypted)
    }

    private static func isBegin(_ line: Substring) -> Bool {
        line.hasPrefix("-----BEGIN ") && line.hasSuffix("PRIVATE KEY-----")
    }

    private static func key(
        _ pem: String, _ password: Secret?, isEncrypted: Bool
    ) throws(ClientCertificate.Unusable) -> _RSA.Signing.PrivateKey {
        guard isEncrypted else {
            do {
                return try _RSA.Signing.PrivateKey(pemRepresentation: pem)
            } catch {
                throw ClientCertificate.Unusable(
                    "the private key cannot be used: it must be an RSA key of 2048 bits or more (PKCS#8 or PKCS#1)")
            }
        }
        guard let password else {
            throw ClientCertificate.Unusable("the private key is encrypted, and no password is given")
        }
        do {
            return try _RSA.Signing.PrivateKey(encryptedPEMRepresentation: pem) { (set: ([UInt8]) -> Void) in
                password.withExposedText { set(Array($0.utf8)) }
            }
        } catch {
            throw ClientCertificate.Unusable(
                "the private key cannot be decrypted: another password, or no RSA key of 2048 bits or more")
        }
    }
}
