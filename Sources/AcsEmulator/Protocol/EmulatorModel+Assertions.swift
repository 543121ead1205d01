import Crypto
import CryptoExtras
import FoundationEssentials
import SwiftASN1
import X509

extension EmulatorModel {
    /// Why a client assertion is refused; nil when it is good: a token of the trusted issuer, or one signed with the key of
    /// a registered certificate.
    func problem(assertion: String, tenant: String, host: String, now: Date) -> LoginProblem? {
        guard let token = ClientAssertion(assertion) else {
            return Self.assertionProblem(50027, "JWT token is invalid or malformed.")
        }
        if token.header.alg == "HS256" { return problem(federated: assertion, now: now) }
        // Behind a reverse proxy the emulator has the name that the client calls it by.
        return problem(token, tenant: tenant, audiences: [origin, "\(scheme)://\(host)"], now: now)
    }

    private func problem(federated assertion: String, now: Date) -> LoginProblem? {
        switch tokens.checkFederated(assertion, now: now) {
        case .good: nil
        case .unsigned:
            Self.assertionProblem(50027, "JWT token is invalid or malformed, or its signature is not known.")
        case .expired: Self.outOfTime(now)
        case .mismatch(let what):
            Self.assertionProblem(
                70_021, "No matching federated identity record found for presented assertion \(what).")
        }
    }

    /// - Parameter audiences: where the token endpoint is to this client.
    private func problem(
        _ token: ClientAssertion, tenant: String, audiences: [String], now: Date
    ) -> LoginProblem? {
        guard let certificate = configuration.clientCertificates.first(where: token.isNamed) else {
            return Self.assertionProblem(
                700_027,
                "The certificate with identifier used to sign the client assertion is not registered on application. "
                    + "[Reason - The key was not found.]")
        }
        guard token.header.x5c.map({ $0.first == Data(certificate).base64EncodedString() }) ?? true,
            let parsed = try? Certificate(derEncoded: certificate), token.isSigned(with: parsed.publicKey)
        else {
            return Self.assertionProblem(
                700_027,
                "Client assertion failed signature validation. [Reason - The key was found, but use of the key to verify "
                    + "the signature failed.]")
        }
        guard parsed.notValidBefore <= now, now <= parsed.notValidAfter else {
            return Self.assertionProblem(
                1_000_502, "The provided certificate is not within its specified validity window.")
        }
        let client = configuration.clientID.lowercased()
        guard token.claims.iss.lowercased() == client, token.claims.sub.lowercased() == client else {
            return Self.assertionProblem(
                700_021, "Client assertion application identifier doesn't match 'client_id' parameter.")
        }
        guard audiences.map({ "\($0)/\(tenant)/oauth2/v2.0/token" }).contains(token.claims.aud) else {
            return Self.assertionProblem(700_023, "Client assertion audience claim does not match Realm issuer.")
        }
        guard token.isTimely(now) else { return Self.outOfTime(now) }
        return nil
    }

    private static func outOfTime(_ now: Date) -> LoginProblem {
        assertionProblem(
            700_024,
            "Client assertion is not within its valid time range. Current time: \(now.formatted(.iso8601)).")
    }

    private static func assertionProblem(_ code: Int, _ text: String) -> LoginProblem {
        LoginProblem(401, "invalid_client", code, text)
    }
}

/// A JSON web token as it is presented in the place of a secret.
private struct ClientAssertion {
    struct Header: Decodable {
        let alg: String
        var typ: String?
        var x5t: String?
        var x5tS256: String?
        var x5c: [String]?

        enum CodingKeys: String, CodingKey {
            case alg, typ, x5t, x5c
            case x5tS256 = "x5t#S256"
        }
    }

    struct Claims: Decodable {
        let aud: String
        let iss: String
        let sub: String
        // Seconds, perhaps with a fraction (RFC 7519, section 2, NumericDate), as MSAL sends them.
        let exp: Double
        var jti: String?
        var nbf: Double?
    }

    let header: Header
    let claims: Claims
    private let signed: Data
    private let signature: Data

    /// What the clocks of two machines may be apart.
    private static let leeway = 300.0

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(padded: parts[0]),
            let claims = Base64URL.decode(padded: parts[1]),
            let signature = Base64URL.decode(padded: parts[2]),
            let header = try? JSONDecoder().decode(Header.self, from: header),
            let claims = try? JSONDecoder().decode(Claims.self, from: claims),
            header.typ?.uppercased() ?? "JWT" == "JWT"
        else { return nil }
        // The issuer of another kind need not name its tokens; an app registration does.
        guard header.alg == "HS256" || claims.jti?.isEmpty == false else { return nil }
        self.header = header
        self.claims = claims
        self.signature = signature
        signed = Data("\(parts[0]).\(parts[1])".utf8)
    }

    /// Whether the header names this certificate: RS256 by its SHA-1, PS256 by its SHA-256.
    func isNamed(_ certificate: [UInt8]) -> Bool {
        switch header.alg {
        case "RS256": Self.isThumbprint(header.x5t, of: Insecure.SHA1.hash(data: certificate))
        case "PS256": Self.isThumbprint(header.x5tS256, of: SHA256.hash(data: certificate))
        default: false
        }
    }

    /// RFC 7515 writes thumbprints without padding; Microsoft's libraries leave it on, and Azure takes both.
    private static func isThumbprint(_ text: String?, of digest: some Digest) -> Bool {
        guard let text else { return false }
        return text.prefix { $0 != "=" } == Base64URL.encode(Data(digest))
    }

    func isSigned(with key: Certificate.PublicKey) -> Bool {
        guard let key = _RSA.Signing.PublicKey(key) else { return false }
        return key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: signed),
            padding: header.alg == "PS256" ? .PSS : .insecurePKCS1v1_5)
    }

    func isTimely(_ now: Date) -> Bool {
        let second = now.timeIntervalSince1970
        return second < claims.exp + Self.leeway && claims.nbf.map { $0 - Self.leeway <= second } ?? true
    }
}
