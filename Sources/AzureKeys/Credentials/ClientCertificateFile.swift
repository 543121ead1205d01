import KeyMaterial
import Rotation

/// Where the certificate of an app registration is, and how to sign with it.
package struct ClientCertificateFile: Hashable, Sendable {
    /// The certificate, its private key and the certificates of its issuers: PEM or PKCS#12.
    package let certificate: SecretFile
    /// What the private key is encrypted with; nil: nothing.
    package let password: Password?
    package let algorithm: AssertionAlgorithm
    /// Whether to send the certificate and its issuers along, for app registrations that trust by subject and issuer.
    package let sendsChain: Bool

    package enum Password: Hashable, Sendable {
        case file(SecretFile)
        /// As the environment has it.
        case text(Secret)
    }

    package init(
        certificate: SecretFile, password: Password?, algorithm: AssertionAlgorithm, sendsChain: Bool
    ) {
        self.certificate = certificate
        self.password = password
        self.algorithm = algorithm
        self.sendsChain = sendsChain
    }

    /// - Throws: `unauthenticated` when a file cannot be read, or what is in it cannot be used; names the file.
    func read() async throws(Failure) -> ClientCertificate {
        let bytes = try await certificate.bytes()
        let password: Secret? =
            switch password {
            case .file(let file): try await file.text()
            case .text(let text): text
            case nil: nil
            }
        do {
            return try ClientCertificate(bytes, password: password)
        } catch {
            throw Failure(.unauthenticated, "\(certificate.path): \(error.description)")
        }
    }
}

/// How an assertion is signed, and by what it names its certificate (RFC 7515, section 4.1; RFC 7518, section 3).
package enum AssertionAlgorithm: String, CaseIterable, Sendable {
    /// RSASSA-PSS with SHA-256; the certificate by its SHA-256 thumbprint. What Microsoft advises.
    case ps256 = "PS256"
    /// RSASSA-PKCS1-v1_5 with SHA-256; the certificate by its SHA-1 thumbprint. For old token services.
    case rs256 = "RS256"
}
