import NIOCore
import NIOHTTP1

/// One request as it goes over the wire.
struct HTTPCall: Sendable {
    var method: HTTPMethod
    var url: String
    var headers: HTTPHeaders
    var body: ByteBuffer?
    /// From the connection to the last byte of the answer.
    var timeout: Duration
    /// What may be read of the answer's body.
    var bodyLimit = 1 << 20
    /// Whether a longer body is cut off at the limit; otherwise it is a failure.
    var truncatesBody = false
    /// For services of this machine or its host, whatever the environment says of proxies.
    var neverProxied = false
}

/// One complete answer.
struct HTTPAnswer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: ByteBuffer

    /// What to quote to Azure support: the resource manager's request id, else the data plane's.
    var requestID: String? {
        for name in ["x-ms-request-id", "x-azure-ref", "ms-cv"] {
            if let value = headers.first(name: name), !value.isEmpty { return Redaction.cleanIdentifier(value) }
        }
        return nil
    }
}
