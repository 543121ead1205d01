import KeyMaterial
import NIOCore

/// What an error answer of Azure says: `{"error":{"code":…,"message":…}}`, also with capitals, without the outer
/// object, or in the shape of the token service (`error`, `error_description`).
struct ErrorEnvelope: Hashable, Sendable {
    var code: String?
    var message: String?

    /// Some providers answer 429 with it. Long enough to be taken for a secret.
    static let anotherOperation = "RetryableErrorDueToAnotherOperation"

    /// - Parameter secrets: what the request carried, in case the answer repeats it.
    init(_ body: ByteBuffer, without secrets: [Secret]) {
        guard let json = JSONValue(body) else { return }
        if let error = json["error"]?.string {
            code = Redaction.clean(error, without: secrets, limit: 80)
            message = json["error_description"]?.string.map { Redaction.clean($0, without: secrets) }
            return
        }
        let error = json["error"] ?? json
        code = error["code"]?.string.map {
            $0 == Self.anotherOperation ? $0 : Redaction.clean($0, without: secrets, limit: 80)
        }
        message = error["message"]?.string.map { Redaction.clean($0, without: secrets) }
    }

    /// `AuthorizationFailed: The client …`; nil when the answer said nothing.
    var text: String? {
        switch (code, message) {
        case (let code?, let message?): "\(code): \(message)"
        case (let code?, nil): code
        case (nil, let message?): message
        case (nil, nil): nil
        }
    }
}
