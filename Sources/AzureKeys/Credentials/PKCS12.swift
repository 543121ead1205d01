import Crypto
import CryptoExtras
import FoundationEssentials
import KeyMaterial
import SwiftASN1

/// Reads PKCS#12 (RFC 7292) whose content is encrypted with PBES2 and AES (RFC 8018), as OpenSSL 3 and Windows write it.
///
/// The code that checks the whole file's MAC is left out: who can change the file can replace it, and a key that belongs to
/// its certificate shows that the password was right.
struct PKCS12 {
    private typealias Unusable = ClientCertificate.Unusable

    private let password: [UInt8]
    /// PKCS#8, DER.
    private(set) var keys: [[UInt8]] = []
    /// DER.
    private(set) var certificates: [[UInt8]] = []

    /// More rounds than anybody uses would only hold this process up.
    private static let mostRounds = 2_000_000

    init(_ bytes: [UInt8], password: Secret?) throws(ClientCertificate.Unusable) {
        self.password = password?.withExposedText { Array($0.utf8) } ?? []
        let malformed = Unusable("this is neither PEM nor PKCS#12")
        guard let file = Self.parse(bytes)?.children, file.count >= 2, let content = file[1].children,
            content.count == 2,
            content[0].oid == OID.data, let safe = content[1].children?.first.flatMap({ Self.parse($0.octets) }),
            let parts = safe.children
        else { throw malformed }
        for part in parts {
            guard let part = part.children, part.count == 2, let inner = part[1].children?.first else {
                throw malformed
            }
            switch part[0].oid {
            case OID.data: try readBags(inner.octets)
            case OID.encryptedData:
                guard let content = inner.children, content.count >= 2, let encrypted = content[1].children,
                    encrypted.count >= 3
                else { throw malformed }
                try readBags(try decrypt(encrypted[2].octets, encrypted[1]))
            default: throw Unusable("a part of it is encrypted for a certificate, not with a password")
            }
        }
    }

    private enum OID {
        static let data: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 7, 1]
        static let encryptedData: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 7, 6]
        static let keyBag: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 12, 10, 1, 1]
        static let shroudedKeyBag: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 12, 10, 1, 2]
        static let certificateBag: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 12, 10, 1, 3]
        static let x509Certificate: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 22, 1]
        static let pbes2: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 5, 13]
        static let pbkdf2: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 5, 12]
        static let functions: [ASN1ObjectIdentifier: KDF.Insecure.PBKDF2.HashFunction] = [
            [1, 2, 840, 113_549, 2, 7]: .insecureSHA1, [1, 2, 840, 113_549, 2, 9]: .sha256,
            [1, 2, 840, 113_549, 2, 10]: .sha384, [1, 2, 840, 113_549, 2, 11]: .sha512,
        ]
        /// AES in CBC mode, and the bytes of its keys.
        static let ciphers: [ASN1ObjectIdentifier: Int] = [
            [2, 16, 840, 1, 101, 3, 4, 1, 2]: 16, [2, 16, 840, 1, 101, 3, 4, 1, 22]: 24,
            [2, 16, 840, 1, 101, 3, 4, 1, 42]: 32,
        ]
    }

    private static func parse(_ bytes: [UInt8]) -> ASN1Node? { try? BER.parse(bytes) }

    private mutating func readBags(_ bytes: [UInt8]) throws(ClientCertificate.Unusable) {
        guard let bags = Self.parse(bytes)?.children else { throw Self.wrongPassword }
        for bag in bags {
            guard let bag = bag.children, bag.count >= 2, let value = bag[1].children?.first else { continue }
            switch bag[0].oid {
            case OID.keyBag: keys.append(Array(value.encodedBytes))
            case OID.shroudedKeyBag:
                guard let shrouded = value.children, shrouded.count == 2 else { throw Self.wrongPassword }
                keys.append(try decrypt(shrouded[1].octets, shrouded[0]))
            case OID.certificateBag:
                guard let certificate = value.children, certificate.count == 2,
                    certificate[0].oid == OID.x509Certificate, let der = certificate[1].children?.first?.octets
                else { continue }
                certificates.append(der)
            default: continue
            }
        }
    }

    private static let wrongPassword = Unusable("it cannot be decrypted: another password, or a damaged file")

    private func decrypt(_ bytes: [UInt8], _ algorithm: ASN1Node) throws(ClientCertificate.Unusable) -> [UInt8] {
        let unknown = Unusable(
            "it is encrypted in an old way (RC2 or 3DES); convert it with: openssl pkcs12 -legacy -in FILE.pfx -nodes"
                + " -out FILE.pem")
        guard let scheme = algorithm.children, scheme.count == 2, scheme[0].oid == OID.pbes2,
            let parameters = scheme[1].children, parameters.count == 2,
            let derivation = parameters[0].children, derivation.count == 2, derivation[0].oid == OID.pbkdf2,
            let cipher = parameters[1].children, cipher.count == 2,
            let size = cipher[0].oid.flatMap({ OID.ciphers[$0] }),
            let settings = derivation[1].children, settings.count >= 2, let rounds = try? Int(derEncoded: settings[1])
        else { throw unknown }
        var function: KDF.Insecure.PBKDF2.HashFunction? = .insecureSHA1
        if let named = settings.dropFirst(2).compactMap({ $0.children?.first?.oid }).first {
            function = OID.functions[named]
        }
        guard !bytes.isEmpty, bytes.count % 16 == 0 else { throw Self.wrongPassword }
        let vector = cipher[1].octets
        guard let function, vector.count == 16 else { throw unknown }
        guard (1...Self.mostRounds).contains(rounds) else { throw Unusable("it asks for \(rounds) rounds of hashing") }
        do {
            let key = try KDF.Insecure.PBKDF2.deriveKey(
                from: password, salt: settings[0].octets, using: function, outputByteCount: size,
                unsafeUncheckedRounds: rounds)
            return Array(try AES._CBC.decrypt(bytes, using: key, iv: AES._CBC.IV(ivBytes: vector)))
        } catch {
            throw Self.wrongPassword
        }
    }
}

extension ASN1Node {
    /// nil for what is not constructed.
    fileprivate var children: [ASN1Node]? {
        guard case .constructed(let nodes) = content else { return nil }
        return Array(nodes)
    }

    /// The bytes of a string, also of one in several parts.
    fileprivate var octets: [UInt8] {
        switch content {
        case .primitive(let bytes): Array(bytes)
        case .constructed(let nodes): nodes.flatMap(\.octets)
        }
    }

    fileprivate var oid: ASN1ObjectIdentifier? { try? ASN1ObjectIdentifier(derEncoded: self) }
}
