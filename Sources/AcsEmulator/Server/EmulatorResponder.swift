import FoundationEssentials
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore

/// Turns requests into calls on the model, and its replies into answers or closed connections.
struct EmulatorResponder: Sendable {
    let state: EmulatorState
    let logger: Logger

    static let bodyLimit = 1 << 20

    /// Thrown to close a connection without an answer.
    private struct ConnectionDropped: Error {}

    func respond(to request: Request, _ writer: consuming ResponseWriter, on channel: any Channel) async throws {
        let reply = try await reply(to: request, on: channel)
        switch reply {
        case .dropped: throw ConnectionDropped()
        case .answer(let answer):
            try perform(answer.challenge)
            try await writer.write(
                response: Self.head(of: answer), body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
        }
    }

    private func perform(_ challenge: Reply.Challenge?) throws {
        switch challenge {
        case .write(let path, let key): try AtomicFile.write(Array(key.utf8), to: path, mode: 0o600)
        case .remove(let path): try? FileManager.default.removeItem(atPath: path)
        case nil: break
        }
    }

    private func reply(to request: Request, on channel: any Channel) async throws -> Reply {
        guard let address = channel.localAddress?.ipAddress.flatMap({ LoopbackAddress($0) }) else {
            return .dropped
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.bodyLimit)
        } catch is NIOTooManyBytesError {
            return .error(413, "RequestEntityTooLarge", "A body may have \(Self.bodyLimit) bytes at most.")
        }
        let call = Call(
            method: request.head.method.rawValue, target: request.head.path ?? "/",
            authority: request.head.authority ?? "", headers: request.head.headerFields,
            body: Array(body.readableBytesView), address: address)
        let reply = try await reply(to: call)
        logger.info(
            "call",
            metadata: [
                "method": "\(call.method)", "host": "\(call.address)", "path": "\(call.path)",
                "status": "\(reply.status.map { String($0) } ?? "none")",
            ])
        return reply
    }

    private func reply(to call: Call) async throws -> Reply {
        switch state.with({ model, now in model.admit(call, now: now) }) {
        case .answered(let reply): return reply
        case .admitted(let exchange, let latency):
            if latency > 0 { try await Task.sleep(for: .milliseconds(latency)) }
            return state.with { model, now in model.complete(exchange, now: now) }
        }
    }

    private static func head(of answer: Reply.Answer) -> HTTPResponse {
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            guard let name = HTTPField.Name(name) else {
                preconditionFailure("the emulator's own header names are well-formed")
            }
            fields[name] = value
        }
        if answer.status != 204 {
            fields[.contentLength] = String(answer.body.count)
        }
        return HTTPResponse(status: .init(code: answer.status), headerFields: fields)
    }
}
