import Crypto
import FoundationEssentials

/// Issues access tokens (JWTs signed with a key that only this emulator has) and knows its own again.
struct TokenMint: Sendable {
    private let key = SymmetricKey(size: .bits256)
    /// The emulator's own, which is an audience too.
    var origin: String
    /// The latest tokens, for tests that look for leaks.
    private(set) var issued: [String] = []
    private static let remembered = 10_000

    init(origin: String) {
        self.origin = origin
    }

    /// What a token must be for, to be taken by Resource Manager; a slash at the end makes no difference.
    var audiences: [String] { audiences(.resourceManager) }

    /// What tokens are for.
    enum Plane: Sendable {
        case resourceManager, dataPlane
    }

    private func audiences(_ plane: Plane) -> [String] {
        if plane == .dataPlane { return ["https://communication.azure.com", "https://communication.azure.us"] }
        return
            [
                origin, "https://management.azure.com", "https://management.core.windows.net",
                "https://management.usgovcloudapi.net", "https://management.core.usgovcloudapi.net",
                "https://management.chinacloudapi.cn", "https://management.core.chinacloudapi.cn",
            ]
    }

    enum Verdict: Equatable, Sendable {
        case good
        case unknown
        case expired(Date)
        case wrongAudience(String)
    }

    private struct Claims: Codable {
        let aud: String
        let iss: String
        let iat: Int
        let nbf: Int
        let exp: Int
        var appid: String?
        var oid: String?
        var tid: String?
        var skypeid: String?
        var scp: String?
        var sub: String?
        /// The claims that it was asked for with, as they came.
        var asked: String?
        /// Makes two tokens of one second differ.
        let uti: String
    }

    /// A token for `audience`, good for `lifetime` seconds.
    ///
    /// - Parameter claims: what it was asked for with besides.
    mutating func issue(
        audience: String, tenant: String, client: String, now: Date, lifetime: Int, claims: String? = nil
    ) -> String {
        let second = Int(now.timeIntervalSince1970)
        return sign(
            Claims(
                aud: audience, iss: "\(origin)/\(tenant)/", iat: second, nbf: second, exp: second + lifetime,
                appid: client, oid: client, tid: tenant, asked: claims, uti: UUID().uuidString))
    }

    /// A user access token, as POST /identities gives it. Resource Manager does not take it.
    mutating func issueUserToken(identity: String, scopes: [String], now: Date, lifetime: Int) -> String {
        let second = Int(now.timeIntervalSince1970)
        return sign(
            Claims(
                aud: "communication", iss: origin, iat: second, nbf: second, exp: second + lifetime,
                skypeid: identity, scp: scopes.joined(separator: ","), uti: UUID().uuidString))
    }

    /// What an app registration of the emulator trusts, as a cluster's issuer is trusted by workload identity federation.
    static let federatedAudience = "api://AzureADTokenExchange"
    static let federatedSubject = "system:serviceaccount:keyturn:keyturn"

    var federatedIssuer: String { "\(origin)/federation" }

    /// A token of the trusted issuer, to be presented as an assertion. Resource Manager does not take it.
    mutating func issueFederatedToken(
        now: Date, lifetime: Int, audience: String = federatedAudience, subject: String = federatedSubject
    ) -> String {
        let second = Int(now.timeIntervalSince1970)
        return sign(
            Claims(
                aud: audience, iss: federatedIssuer, iat: second, nbf: second, exp: second + lifetime, sub: subject,
                uti: UUID().uuidString))
    }

    enum FederatedVerdict: Equatable, Sendable {
        case good
        case unsigned
        case expired
        case mismatch(String)
    }

    func checkFederated(_ token: String, now: Date) -> FederatedVerdict {
        guard let claims = claims(of: token) else { return .unsigned }
        guard claims.iss == federatedIssuer else { return .mismatch("issuer '\(claims.iss)'") }
        guard claims.sub == Self.federatedSubject else { return .mismatch("subject '\(claims.sub ?? "")'") }
        guard claims.aud == Self.federatedAudience else { return .mismatch("audience '\(claims.aud)'") }
        return now < Date(timeIntervalSince1970: Double(claims.exp)) ? .good : .expired
    }

    /// Of a token that this emulator signed; nil for any other.
    private func claims(of token: String) -> Claims? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let code = Base64URL.decode(parts[2]), let payload = Base64URL.decode(parts[1]),
            HMAC<SHA256>.isValidAuthenticationCode(
                code, authenticating: Data("\(parts[0]).\(parts[1])".utf8), using: key)
        else { return nil }
        return try? JSONDecoder().decode(Claims.self, from: payload)
    }

    /// Whether a token was asked for with these claims of access tokens.
    func wasAsked(_ token: String, for claims: [String: String]) -> Bool {
        struct Asked: Decodable {
            struct Claim: Decodable { var value: String? }
            // Values of other shapes are of other claims.
            let accessToken: [String: Claim]?
            enum CodingKeys: String, CodingKey { case accessToken = "access_token" }
        }
        guard let text = self.claims(of: token)?.asked,
            let asked = try? JSONDecoder().decode(Asked.self, from: Data(text.utf8)).accessToken
        else { return false }
        return claims.allSatisfy { asked[$0.key]?.value == $0.value }
    }

    func check(_ token: String, for plane: Plane, now: Date) -> Verdict {
        guard let claims = claims(of: token) else { return .unknown }
        let expiry = Date(timeIntervalSince1970: Double(claims.exp))
        guard now < expiry else { return .expired(expiry) }
        var audience = claims.aud.lowercased()
        while audience.hasSuffix("/") { audience.removeLast() }
        return audiences(plane).contains(audience) ? .good : .wrongAudience(claims.aud)
    }

    private mutating func sign(_ claims: Claims) -> String {
        let header = Base64URL.encode(Data(#"{"typ":"JWT","alg":"HS256"}"#.utf8))
        let signed = "\(header).\(Base64URL.encode(Data(JSONText.bytes(claims))))"
        let code = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: key)
        let token = "\(signed).\(Base64URL.encode(Data(code)))"
        if issued.count >= Self.remembered { issued.removeFirst(Self.remembered / 2) }
        issued.append(token)
        return token
    }
}
