import KeyMaterial
import NIOCore
import NIOHTTP1
import Rotation

/// The token service of a cloud, asked on behalf of one app registration (the client credentials grant).
struct LoginService: Sendable {
    let tenant: String
    let clientID: String
    let authority: CloudAuthority
    let tokens: TokenTransport

    /// How an app registration shows that it is itself.
    struct Proof: Hashable, Sendable {
        enum Form: Hashable, Sendable {
            case secret
            /// A signed token, of one's own or of an issuer that the app registration trusts.
            case assertion
        }

        let form: Form
        let secret: Secret
        /// For messages: `the client secret`.
        let name: String
        /// What makes a proof another one: an assertion is made anew each time, its certificate is not.
        let version: Secret

        init(_ form: Form, _ secret: Secret, name: String, version: Secret? = nil) {
            self.form = form
            self.secret = secret
            self.name = name
            self.version = version ?? secret
        }
    }

    /// A token. When the proof is refused, and another one can be had meanwhile, that one is tried too: secrets are renewed
    /// while this runs.
    ///
    /// - Parameters:
    ///   - claims: JSON that the token has to fulfil; nil: none in particular.
    ///   - prove: gives the proof as it is now, for the exact URL that it will be sent to.
    func requestToken(
        audience: String, claims: String?, _ prove: (_ tokenURL: String) async throws(Failure) -> Proof
    ) async throws(Failure) -> AccessToken {
        let login = try await authority.find().login
        let tokenURL = "\(login)/\(tenant.percentEncoded)/oauth2/v2.0/token"
        let proof = try await prove(tokenURL)
        let refusal: Refusal
        do {
            return try await request(login, form(audience, claims, proof), proof)
        } catch {
            refusal = error
        }
        guard refusal.isAboutProof, !Task.isCancelled else { throw refusal.failure }
        let renewed = try await prove(tokenURL)
        guard renewed.version != proof.version else { throw refusal.failure }
        do {
            return try await request(login, form(audience, claims, renewed), renewed)
        } catch {
            throw error.failure
        }
    }

    private struct Refusal: Error {
        var failure: Failure
        var isAboutProof = false
    }

    private func request(
        _ login: Endpoint, _ form: ByteBuffer, _ proof: Proof
    ) async throws(Refusal) -> AccessToken {
        let call = HTTPCall(
            method: .POST, url: "\(login)/\(tenant.percentEncoded)/oauth2/v2.0/token",
            headers: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"],
            body: form, timeout: tokens.timeout)
        var isAboutProof = false
        do throws(Failure) {
            let answer = try await tokens.retrying { attempt throws(Retrying.Setback) in
                let answer: HTTPAnswer
                do throws(TransportFailure) {
                    answer = try await tokens.send(call, to: login.host, attempt: attempt)
                } catch {
                    let failure = Failure(error.reason, "\(login) gave no token: \(error.detail)")
                    throw Retrying.Setback(failure: failure, mayRetry: error.kind != .cancelled)
                }
                guard answer.status != 200 else { return answer }
                let envelope = ErrorEnvelope(answer.body, without: [proof.secret])
                isAboutProof = envelope.code == "invalid_client"
                throw setback(answer, envelope, proof, login)
            }
            return try AccessToken(answer, from: "\(login)", now: tokens.clock.wall())
        } catch {
            throw Refusal(failure: error, isAboutProof: isAboutProof)
        }
    }

    private func form(_ audience: String, _ claims: String?, _ proof: Proof) -> ByteBuffer {
        var fields = [("client_id", clientID), ("grant_type", "client_credentials")]
        proof.secret.withExposedText { text in
            switch proof.form {
            case .secret:
                fields.append(("client_secret", text))
            case .assertion:
                fields.append(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"))
                fields.append(("client_assertion", text))
            }
        }
        fields.append(("scope", audience + "/.default"))
        fields.append(("claims", ClaimsChallenge.merged(claims)))
        return ByteBuffer(string: fields.map { "\($0)=\($1.percentEncoded)" }.joined(separator: "&"))
    }

    private func setback(_ answer: HTTPAnswer, _ envelope: ErrorEnvelope, _ proof: Proof, _ login: Endpoint)
        -> Retrying.Setback
    {
        let said = envelope.text.map { " (\($0))" } ?? ""
        let reason: Reason
        let detail: String
        switch (answer.status, envelope.code) {
        case (429, _):
            (reason, detail) = (.throttled, "\(login) asks for fewer requests")
        case (500..., _), (_, "temporarily_unavailable"), (408, _):
            (reason, detail) = (.azureUnavailable, "\(login) answered \(answer.status)")
        case (_, "invalid_client"):
            reason = .unauthenticated
            detail = "\(login) refuses \(proof.name) of \(clientID) in tenant \(tenant); renew it if it expired"
        case (400, _), (401, _), (403, _):
            reason = .unauthenticated
            detail = "\(login) gives no token for the client \(clientID) in tenant \(tenant)"
        default:
            (reason, detail) = (.badResponse, "\(login) answered \(answer.status) to a token request")
        }
        let failure = Failure(
            reason, detail + said, retryAfter: RetryAfter.read(answer.headers, now: tokens.clock.wall()),
            requestID: answer.requestID)
        return Retrying.Setback(failure: failure, mayRetry: reason == .throttled || reason == .azureUnavailable)
    }
}
