import FoundationEssentials

/// What goes back, or that nothing does.
enum Reply: Sendable {
    case answer(Answer)
    /// The connection is closed without an answer.
    case dropped

    struct Answer: Sendable {
        var status: Int
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
        /// What is done with a file before the answer goes out.
        var challenge: Challenge?
    }

    /// The file by which the agent of Azure Arc knows who asks.
    enum Challenge: Sendable {
        case write(_ path: String, _ key: String)
        case remove(_ path: String)
    }

    /// nil when nothing is answered.
    var status: Int? {
        switch self {
        case .answer(let answer): answer.status
        case .dropped: nil
        }
    }

    /// An answer in JSON.
    static func json(
        _ status: Int, _ body: some Encodable, headers: [(name: String, value: String)] = []
    ) -> Reply {
        .answer(
            Answer(
                status: status,
                headers: [("Content-Type", "application/json; charset=utf-8")] + headers,
                body: JSONText.bytes(body)))
    }

    /// `{"error":{"code":…,"message":…}}`, the form that Resource Manager, the data plane and the emulator's controls
    /// share.
    static func error(
        _ status: Int, _ code: String, _ message: String, headers: [(name: String, value: String)] = []
    ) -> Reply {
        json(status, ErrorEnvelope(error: .init(code: code, message: message)), headers: headers)
    }

    /// The same with more headers.
    func adding(_ headers: [(name: String, value: String)]) -> Reply {
        guard case .answer(var answer) = self else { return self }
        answer.headers += headers
        return .answer(answer)
    }
}

struct ErrorEnvelope: Encodable, Sendable {
    struct Body: Encodable, Sendable {
        let code: String
        let message: String
    }

    let error: Body
}

enum JSONText {
    static func bytes(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            preconditionFailure("a value made of strings, numbers and lists is always JSON: \(error)")
        }
    }

    /// Why a body could not be read, for the person who wrote it.
    static func explain(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            "\(place(context))'\(key.stringValue)' is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            "\(place(context))\(context.debugDescription)"
        default: "\(error)"
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        guard !context.codingPath.isEmpty else { return "" }
        return context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".") + ": "
    }
}
