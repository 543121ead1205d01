import AsyncHTTPClient
import FoundationEssentials
import Glibc
import Ledger
import NIOCore
import NIOHTTP1
import Rotation
import RotationEngine

/// The commands' side of the control socket.
package struct ControlClient: Sendable {
    /// Why the daemon could not be asked.
    package struct Unreachable: Error, CustomStringConvertible {
        package let description: String
    }

    package let socket: String

    package init(socket: String) {
        self.socket = socket
    }

    /// - Parameter first: only so many resources, those that matter most, the most urgent first; nil: all, by name.
    package func status(first: Int? = nil) async throws -> StatusReport {
        let query = first.map { "?first=\($0)" } ?? ""
        return try await call(.GET, "/v1/status\(query)", as: StatusReport.self)
    }

    /// One resource in detail; the report has none when there is no such one.
    package func status(on name: String) async throws -> StatusReport {
        try await call(.GET, "/v1/status?resource=\(Self.percentEncoded(name))", as: StatusReport.self)
    }

    package func resource(_ name: String) async throws -> StatusReport.Resource? {
        guard !name.isEmpty else { return nil }
        let (status, body) = try await exchange(.GET, "/v1/resources/\(Self.percentEncoded(name))")
        return status == 404 ? nil : try decode(StatusReport.Resource.self, status, body)
    }

    package func records() async throws -> [ControlAPI.Record] {
        try await call(.GET, "/v1/records", as: [ControlAPI.Record].self)
    }

    package func discovered() async throws -> [DiscoveredResource] {
        try await call(.GET, "/v1/discovered", as: [DiscoveredResource].self)
    }

    package func history(_ resource: String?, limit: Int) async throws -> [HistoryEntry] {
        try await history(LedgerQuery(resource: resource, limit: limit))
    }

    /// Newest first.
    package func history(_ query: LedgerQuery) async throws -> [HistoryEntry] {
        let items = HistoryQuery.items(query).map { "\($0.name)=\(Self.percentEncoded($0.value))" }
        return try await call(.GET, "/v1/history?\(items.joined(separator: "&"))", as: [HistoryEntry].self)
    }

    /// `verb` is `rotate`, `pause` or `resume`.
    package func command(
        _ verb: String, resource: String, _ command: ControlAPI.Command
    ) async throws -> ControlAPI.Answer {
        // An empty segment would make it the path of something else.
        guard !resource.isEmpty else { return ControlAPI.Answer(.gone, resource) }
        let path = "/v1/resources/\(Self.percentEncoded(resource))/\(verb)"
        return try await call(.POST, path, body: try JSONText.encode(command), as: ControlAPI.Answer.self)
    }

    package func reload() async throws -> ControlAPI.ReloadAnswer {
        try await call(.POST, "/v1/reload", as: ControlAPI.ReloadAnswer.self)
    }

    private enum Method: String {
        case GET, POST
    }

    private func call<Answer: Decodable>(
        _ method: Method, _ path: String, body: String? = nil, as type: Answer.Type
    ) async throws -> Answer {
        let (status, bytes) = try await exchange(method, path, body: body)
        return try decode(type, status, bytes)
    }

    private func decode<Answer: Decodable>(
        _ type: Answer.Type, _ status: UInt, _ bytes: ByteBuffer
    ) throws -> Answer {
        do {
            return try JSONText.decode(type, from: bytes.readableBytesView)
        } catch {
            let text = String(decoding: bytes.readableBytesView.prefix(300), as: UTF8.self)
            throw Unreachable(description: "\(socket): answered \(status), which is no answer: \(text)")
        }
    }

    private func exchange(
        _ method: Method, _ path: String, body: String? = nil
    ) async throws -> (status: UInt, body: ByteBuffer) {
        let host = Self.percentEncoded(socket)
        var request = HTTPClientRequest(url: "http+unix://\(host)\(path)")
        request.method = .init(rawValue: method.rawValue)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        return try await exchange(request)
    }

    private func exchange(_ request: HTTPClientRequest) async throws -> (status: UInt, body: ByteBuffer) {
        // By itself the client repeats a connect that fails until the deadline, and nobody is waiting for a daemon to start.
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        do {
            return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
                let response = try await client.execute(request, timeout: .seconds(90))
                return (response.status.code, try await response.body.collect(upTo: 64 << 20))
            }
        } catch let error as IOError {
            let cause = String(cString: strerror(error.errnoCode))
            let advice =
                error.errnoCode == EACCES
                ? "run it as root, or as a member of the socket's group" : "is it running? systemctl status keyturn"
            throw Unreachable(description: "no daemon answers at \(socket) (\(cause)); \(advice)")
        } catch {
            throw Unreachable(
                description: "no daemon answers at \(socket) (\(error)); is it running? systemctl status keyturn")
        }
    }

    /// Everything but RFC 3986's unreserved characters as `%XX`, which fits a host that names a socket path, a segment of
    /// a path and the value of a query alike.
    private static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { encoded, byte in
            let character = Character(Unicode.Scalar(byte))
            if character.isASCII, character.isLetter || character.isNumber || "-._~".contains(character) {
                encoded.append(character)
            } else {
                encoded += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
            }
        }
    }
}
