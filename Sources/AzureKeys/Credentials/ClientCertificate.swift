import Crypto
import CryptoExtras
import FoundationEssentials
import KeyMaterial
import NIOSSL
import Rotation

/// A certificate with its RSA key.
struct ClientCertificate: Sendable {
    let key: _RSA.Signing.PrivateKey
    /// DER; the certificate itself first, then what else was with it in the same order.
    let chain: [[UInt8]]
    /// After this instant nobody takes it.
    let notValidAfter: Instant

    /// Why what is in a file cannot be used; never shows its content.
    struct Unusable: Error, Hashable, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    /// - Parameter bytes: PEM with a private key and certificates in any order, or PKCS#12.
    init(_ bytes: [UInt8], password: Secret?) throws(Unusable) {
        let bag =
            PrivateKeyPEM.looksLikePEM(bytes)
            ? try CertificateBag(pem: bytes, password: password) : try CertificateBag(pkcs12: bytes, password: password)
        try self.init(bag)
    }

    private init(_ bag: CertificateBag) throws(Unusable) {
        let spki = Array(bag.key.publicKey.derRepresentation)
        var chain: [[UInt8]] = []
        var leaf: NIOSSLCertificate?
        for der in bag.certificates {
            guard let certificate = try? NIOSSLCertificate(bytes: der, format: .der) else {
                throw Unusable("one of the certificates cannot be read")
            }
            if leaf == nil, let key = try? certificate.extractPublicKey().toSPKIBytes(), key == spki {
                leaf = certificate
                chain.insert(der, at: 0)
            } else {
                chain.append(der)
            }
        }
        guard let leaf else {
            throw Unusable(
                bag.certificates.isEmpty
                    ? "there is a private key, but no certificate"
                    : "the private key belongs to none of the certificates")
        }
        key = bag.key
        self.chain = chain
        notValidAfter = Instant(unixSeconds: Int64(leaf.notValidAfter))
    }

    /// base64url of the digest of the certificate.
    func thumbprint(_ algorithm: AssertionAlgorithm) -> String {
        let der = chain.first ?? []
        return switch algorithm {
        case .ps256: Base64URL.encode(SHA256.hash(data: der))
        case .rs256: Base64URL.encode(Insecure.SHA1.hash(data: der))
        }
    }

    /// A signature as JSON web tokens have it.
    func signature(_ text: String, _ algorithm: AssertionAlgorithm) throws(Unusable) -> String {
        let padding: _RSA.Signing.Padding = algorithm == .ps256 ? .PSS : .insecurePKCS1v1_5
        do {
            let signature = try key.signature(for: SHA256.hash(data: Data(text.utf8)), padding: padding)
            return Base64URL.encode(signature.rawRepresentation)
        } catch {
            throw Unusable("the private key does not sign")
        }
    }
}

/// RFC 4648, section 5, without padding, as in JSON web tokens.
enum Base64URL {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        String(
            Data(bytes).base64EncodedString().compactMap { character -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }
}
