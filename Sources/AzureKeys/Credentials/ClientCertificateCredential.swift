import FoundationEssentials
import KeyMaterial
import Rotation

/// Tokens for an app registration with a certificate: each request carries an assertion signed with its key
/// (learn.microsoft.com/entra/identity-platform/certificate-credentials).
struct ClientCertificateCredential: AccessTokenSource {
    let service: LoginService
    /// Read at each request, so that a renewed certificate is picked up.
    let file: ClientCertificateFile

    /// As long as MSAL's are good: long enough for tries, and of little use to who finds one.
    private static let lifetime: Int64 = 600

    func requestToken(audience: String, claims: String?) async throws(Failure) -> AccessToken {
        try await service.requestToken(audience: audience, claims: claims) { tokenURL async throws(Failure) in
            let certificate = try await file.read()
            let now = service.tokens.clock.wall()
            let assertion: Secret
            do throws(ClientCertificate.Unusable) {
                assertion = try Self.assertion(
                    certificate, file, audience: tokenURL, clientID: service.clientID, now: now)
            } catch {
                throw Failure(.unauthenticated, "\(file.certificate.path): \(error.description)")
            }
            let expired =
                certificate.notValidAfter < now ? ", which expired on \(certificate.notValidAfter)," : ""
            return LoginService.Proof(
                .assertion, assertion, name: "the client certificate\(expired)",
                version: Secret(certificate.thumbprint(.ps256)))
        }
    }

    private struct Header: Encodable {
        let alg: String
        let typ = "JWT"
        var x5t: String?
        var x5tS256: String?
        var x5c: [String]?

        enum CodingKeys: String, CodingKey {
            case alg, typ, x5t, x5c
            case x5tS256 = "x5t#S256"
        }
    }

    private struct Claims: Encodable {
        let aud: String
        let iss: String
        let sub: String
        let jti: String
        let nbf: Int64
        let iat: Int64
        let exp: Int64
    }

    /// RFC 7523, section 3.
    ///
    /// - Parameter audience: the exact URL that it will be sent to.
    static func assertion(
        _ certificate: ClientCertificate, _ file: ClientCertificateFile, audience: String, clientID: String,
        now: Instant
    ) throws(ClientCertificate.Unusable) -> Secret {
        var header = Header(alg: file.algorithm.rawValue)
        let thumbprint = certificate.thumbprint(file.algorithm)
        switch file.algorithm {
        case .ps256: header.x5tS256 = thumbprint
        case .rs256: header.x5t = thumbprint
        }
        if file.sendsChain { header.x5c = certificate.chain.map { Data($0).base64EncodedString() } }
        let seconds = now.unixSeconds
        let claims = Claims(
            aud: audience, iss: clientID, sub: clientID, jti: UUID().uuidString.lowercased(), nbf: seconds,
            iat: seconds,
            exp: seconds + lifetime)
        let text = "\(try encoded(header)).\(try encoded(claims))"
        return Secret("\(text).\(try certificate.signature(text, file.algorithm))")
    }

    private static func encoded(_ value: some Encodable) throws(ClientCertificate.Unusable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Base64URL.encode(try encoder.encode(value))
        } catch {
            throw ClientCertificate.Unusable("the assertion cannot be written")
        }
    }
}
