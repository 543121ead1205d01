import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Rotation

/// Why a call got no complete answer.
struct TransportFailure: Error, Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// No connection: name not found, refused, no route, TLS handshake failed, or not in time.
        case connect
        /// There was a connection, and it broke or carried something that is no HTTP.
        case broken
        /// The answer was not complete in time.
        case timeout
        /// The answer was longer than any answer is.
        case tooLarge
        /// The calling task was cancelled.
        case cancelled

        /// Whether what is between here and the server may be the reason.
        var isOfNetwork: Bool {
            switch self {
            case .connect, .broken, .timeout: true
            case .tooLarge, .cancelled: false
            }
        }
    }

    var kind: Kind
    var detail: String
    /// Whether bytes of the request may have left this machine. `false` is a proof, `true` is not.
    var mayHaveBeenSent: Bool

    var reason: Reason {
        switch kind {
        case .connect, .broken, .cancelled: .unreachable
        case .timeout: .timeout
        case .tooLarge: .badResponse
        }
    }

    /// - Parameter error: what AsyncHTTPClient threw. Its text is never taken over blindly: an error about a header's
    ///   value holds the value, and so a token.
    init(_ error: any Error, mayHaveBeenSent: Bool) {
        self.mayHaveBeenSent = mayHaveBeenSent
        switch error {
        case is CancellationError: (kind, detail) = (.cancelled, "the call was cancelled")
        case let error as HTTPClientError: (kind, detail) = Self.read(error)
        case let error as NIOConnectionError: (kind, detail) = (.connect, Self.describe(error))
        case let error as IOError:
            kind = Self.connectErrors.contains(error.errnoCode) ? .connect : .broken
            detail = Self.describe(error)
        case let error as NIOSSLError: (kind, detail) = Self.read(error)
        case is NIOSSLExtraError: (kind, detail) = (.connect, "TLS: the certificate is not for this name")
        case is HTTPParserError: (kind, detail) = (.broken, "what came back is no complete HTTP answer")
        default: (kind, detail) = (.broken, "\(type(of: error))")
        }
    }

    init(_ kind: Kind, _ detail: String, mayHaveBeenSent: Bool) {
        self.kind = kind
        self.detail = detail
        self.mayHaveBeenSent = mayHaveBeenSent
    }

    private static let connectErrors: Set<CInt> = [
        ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, EACCES, EPERM,
    ]

    private static func read(_ error: HTTPClientError) -> (Kind, String) {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout: (.connect, "no connection in time")
        case .tlsHandshakeTimeout: (.connect, "TLS: the handshake was not done in time")
        case .deadlineExceeded, .readTimeout, .writeTimeout: (.timeout, "no complete answer in time")
        case .httpProxyHandshakeTimeout, .socksHandshakeTimeout: (.connect, "the proxy opened no connection in time")
        case .proxyAuthenticationRequired: (.connect, "the proxy asks for another user or password")
        case .invalidProxyResponse: (.connect, "the proxy refuses to open a connection")
        case .remoteConnectionClosed: (.broken, "the connection was closed before an answer")
        case .cancelled: (.cancelled, "the call was cancelled")
        default: (.broken, error.shortDescription)
        }
    }

    private static func read(_ error: NIOSSLError) -> (Kind, String) {
        guard case .handshakeFailed = error else { return (.broken, "TLS: the connection broke") }
        // The description names a source file of this build; only the word BoringSSL has for it is of use.
        let words = String(describing: error).split(separator: "OPENSSL_internal:", maxSplits: 1)
        let word = words.count == 2 ? words[1].prefix { $0.isLetter || $0.isNumber || $0 == "_" } : "unknown reason"
        let meaning =
            switch word {
            case "CERTIFICATE_VERIFY_FAILED":
                "the certificate is not trusted (unknown authority, another name, or expired)"
            case "WRONG_VERSION_NUMBER": "the server does not speak TLS on this port"
            default: "the handshake failed"
            }
        return (.connect, "TLS: \(meaning) [\(word)]")
    }

    private static func describe(_ error: NIOConnectionError) -> String {
        guard let failure = error.connectionErrors.first else { return "the name \(error.host) could not be resolved" }
        if case ChannelError.connectTimeout = failure.error { return "no connection in time" }
        return (failure.error as? IOError).map(describe) ?? "no connection (\(type(of: failure.error)))"
    }

    private static func describe(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET: "connection reset"
        case EPIPE: "the connection was closed while the request was sent"
        case EHOSTUNREACH: "no route to the host"
        case ENETUNREACH: "the network is unreachable"
        case ETIMEDOUT: "the connection timed out"
        case EACCES, EPERM: "not permitted (a firewall, or this service's sandbox?)"
        default: "system error, errno \(error.errnoCode)"
        }
    }
}
