import KeyMaterial
import NIOCore
import NIOHTTP1

/// Shows requests and answers a line each, `>` and `<` before them, with what is secret in them masked.
///
/// Of a body only JSON and forms are shown: values whose names say that they are secret are masked, and in the others
/// whatever looks like a secret.
package struct WireTrace: Sendable {
    private let write: @Sendable (String) -> Void

    /// - Parameter write: gets some whole lines, the last without its end.
    package init(_ write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    private static let mask = "<secret>"

    func sending(_ call: HTTPCall) {
        // No URL has a secret in it.
        var lines = ["> \(call.method.rawValue) \(call.url)"]
        lines += call.headers.map { "> \(Self.header($0.name, $0.value))" }
        if let body = call.body { lines += Self.text(body, call.headers).map { "> \($0)" } }
        write(lines.joined(separator: "\n"))
    }

    func answered(_ answer: HTTPAnswer, after duration: Duration) {
        var lines = ["< \(answer.status) after \(duration.formattedSeconds)"]
        lines += answer.headers.map { "< \(Self.header($0.name, $0.value))" }
        lines += Self.text(answer.body, answer.headers).map { "< \($0)" }
        write(lines.joined(separator: "\n"))
    }

    func failed(_ failure: TransportFailure, after duration: Duration) {
        write("< no answer after \(duration.formattedSeconds): \(failure.detail)")
    }

    private static func header(_ name: String, _ value: String) -> String {
        switch name.lowercased() {
        case "authorization", "proxy-authorization":
            // The scheme is no secret, and the first thing to look at.
            "\(name): \(value.prefix { $0 != " " }) \(mask)"
        case "x-identity-header", "cookie", "set-cookie": "\(name): \(mask)"
        case "x-ms-request-id", "x-ms-correlation-request-id", "x-ms-routing-request-id", "x-azure-ref", "ms-cv",
            "x-ms-content-sha256":
            "\(name): \(Redaction.cleanIdentifier(value))"
        default: "\(name): \(Redaction.clean(value))"
        }
    }

    /// No line for an empty body.
    private static func text(_ body: ByteBuffer, _ headers: HTTPHeaders) -> [String] {
        guard body.readableBytes > 0 else { return [] }
        let type = headers.first(name: "content-type")?.lowercased() ?? ""
        if type.hasPrefix("application/x-www-form-urlencoded") { return [form(String(buffer: body))] }
        guard let json = JSONValue(body) else { return ["(\(body.readableBytes) bytes)"] }
        return [render(json, under: nil)]
    }

    private static func form(_ text: String) -> String {
        text.split(separator: "&").map { field in
            let parts = field.split(separator: "=", maxSplits: 1)
            let name = parts.first.map(String.init) ?? ""
            let value = parts.count == 2 ? (parts[1].percentDecoded ?? "") : ""
            return "\(name)=\(isSecret(name) ? mask : Redaction.clean(value))"
        }.joined(separator: "&")
    }

    private static func render(_ value: JSONValue, under name: String?) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): Int64(exactly: value).map { "\($0)" } ?? "\(value)"
        case .string(let text): quoted(name.map(isSecret) == true ? mask : Redaction.clean(text))
        case .array(let values): "[" + values.map { render($0, under: name) }.joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(render($0.value, under: $0.key))" }
                .joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        guard name != "keytype", name != "token_type" else { return false }
        return ["key", "connectionstring", "token", "secret", "assertion", "password"].contains { name.contains($0) }
    }
}
