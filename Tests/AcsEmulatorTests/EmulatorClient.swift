import AsyncHTTPClient
import Crypto
import FoundationEssentials
import NIOCore
import NIOHTTP1

@testable import AcsEmulator

/// Any JSON, for tests that look at exactly which keys there are.
enum JSON: Decodable, Equatable {
    case object([String: JSON])
    case list([JSON])
    case text(String)
    case number(Double)
    case truth(Bool)
    case null

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .truth(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    var keys: Set<String> {
        if case .object(let members) = self { Set(members.keys) } else { [] }
    }

    var elements: [JSON] {
        if case .list(let elements) = self { elements } else { [] }
    }

    subscript(key: String) -> JSON {
        if case .object(let members) = self { members[key] ?? .null } else { .null }
    }

    var text: String? {
        if case .text(let value) = self { value } else { nil }
    }
}

struct Answer {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    var json: JSON { (try? JSONDecoder().decode(JSON.self, from: Data(body))) ?? .null }
    /// `error.code` of Azure's error bodies.
    var errorCode: String? { json["error"]["code"].text }
}

/// Speaks to an emulator over real HTTP.
struct EmulatorClient {
    let emulator: RunningEmulator
    var http = HTTPClient.shared

    static let resources: [EmulatedResourceID] = ids(["contoso-sms", "Contoso-Mail"])

    static func ids(_ names: [String]) -> [EmulatedResourceID] {
        names.compactMap { try? EmulatedResourceID("00000000-0000-0000-0000-000000000001/practice/\($0)") }
    }

    /// Runs `body` against an emulator with two resources.
    static func with<Result: Sendable>(
        _ adjust: (inout EmulatorConfiguration) -> Void = { _ in },
        clock: @escaping @Sendable () -> Date = { Date() },
        _ body: (EmulatorClient) async throws -> Result
    ) async throws -> Result {
        var configuration = EmulatorConfiguration(resources: resources)
        adjust(&configuration)
        return try await Emulator.withRunning(configuration, clock: clock) {
            try await body(EmulatorClient(emulator: $0))
        }
    }

    func send(
        _ method: HTTPMethod, _ url: String, headers: [(String, String)] = [], body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await http.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: Int(response.status.code), headers: response.headers, body: Array(bytes.readableBytesView))
    }

    func token(resource: String = "https://management.azure.com/") async throws -> String {
        let answer = try await send(
            .GET, "\(emulator.origin)/metadata/identity/oauth2/token?api-version=2018-02-01&resource=\(resource)",
            headers: [("Metadata", "true")])
        return answer.json["access_token"].text ?? ""
    }

    /// A call to Resource Manager with a good token.
    func manage(
        _ method: HTTPMethod, _ path: String, version: String? = "2023-04-01", headers: [(String, String)] = [],
        body: String? = nil
    ) async throws -> Answer {
        let query = version.map { "\(path.contains("?") ? "&" : "?")api-version=\($0)" } ?? ""
        let authorization = [("Authorization", "Bearer \(try await token())")]
        return try await send(method, "\(emulator.origin)\(path)\(query)", headers: authorization + headers, body: body)
    }

    func get(_ id: EmulatedResourceID) async throws -> Answer {
        try await manage(.GET, id.description)
    }

    func listKeys(_ id: EmulatedResourceID) async throws -> Answer {
        try await manage(.POST, "\(id)/listKeys")
    }

    func regenerate(_ id: EmulatedResourceID, _ keyType: String) async throws -> Answer {
        try await manage(
            .POST, "\(id)/regenerateKey", headers: [("Content-Type", "application/json")],
            body: #"{"keyType":"\#(keyType)"}"#)
    }

    /// A signed call to the data plane of a resource.
    func call(
        _ id: EmulatedResourceID, key: String, _ method: HTTPMethod = .GET,
        _ target: String = "/rooms?api-version=2023-06-14", date: Date = Date(), body: String? = nil,
        signedBody: String? = nil, signedTarget: String? = nil, dateHeader: String = "x-ms-date",
        headers more: [(String, String)] = []
    ) async throws -> Answer {
        let endpoint = emulator.resources.first { $0.id == id }?.endpoint.dropLast() ?? ""
        let text = HTTPDate.text(date)
        let hash = DataPlaneSignature.contentHash(of: Array((signedBody ?? body ?? "").utf8))
        let signature = DataPlaneSignature(
            method: method.rawValue, target: signedTarget ?? target, date: text,
            host: endpoint.split(separator: "/").last.map(String.init) ?? "", contentHash: hash)
        let signed = signature.authorization(with: SymmetricKey(data: Data(base64Encoded: key) ?? Data()))
        let headers = [
            (dateHeader, text), ("x-ms-content-sha256", hash),
            ("Authorization", signed.replacing("x-ms-date;", with: "\(dateHeader.lowercased());")),
        ]
        return try await send(method, "\(endpoint)\(target)", headers: headers + more, body: body)
    }

    func key(_ keyType: EmulatedKeyType, of id: EmulatedResourceID) -> String {
        emulator.key(keyType, of: id) ?? ""
    }
}
