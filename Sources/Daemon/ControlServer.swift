import EventCatalog
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import Rotation
import RotationEngine

/// The control API: HTTP/1.1 and JSON on the unix socket, under `/v1`. Who may connect is who may open the socket.
struct ControlServer: Sendable {
    let engine: RotationEngine
    let reports: StatusReporter
    let reload: @Sendable () async -> ControlAPI.ReloadAnswer
    let history: @Sendable (_ resource: String?, _ limit: Int) async -> Result<[HistoryEntry], Failure>
    let discovered: @Sendable () async -> [DiscoveredResource]
    let logger: Logger

    func responder() -> RouterResponder<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: MetricsMiddleware())
        let v1 = router.group("v1")
        v1.get("status") { _, _ in try Self.json(await reports.report()) }
        v1.get("resources/{name}") { _, context in
            let name = try context.parameters.require("name")
            let report = await reports.report()
            guard let resource = report.resources.first(where: { $0.name == name }) else {
                return try Self.json(ControlAPI.Answer(.gone), status: .notFound)
            }
            return try Self.json(resource)
        }
        v1.get("history") { request, _ in
            let limit = request.uri.queryParameters.get("limit", as: Int.self) ?? 100
            let resource = request.uri.queryParameters.get("resource")
            switch await history(resource, min(max(limit, 1), 10_000)) {
            case .success(let entries): return try Self.json(entries)
            case .failure(let failure): return try Self.answer(.unavailable(failure))
            }
        }
        v1.get("records") { _, _ in
            try Self.json(
                await engine.records().map { ControlAPI.Record(id: $0.id.description, record: $0.record) })
        }
        v1.get("discovered") { _, _ in try Self.json(await discovered()) }
        v1.post("resources/{name}/rotate") { request, context in
            let (name, command) = try await Self.command(request, context)
            let preview = await engine.preview(name, kind: command.kind)
            guard command.whatIf != true else { return try Self.answer(preview.outcome, keyType: preview.keyType) }
            let outcome = await engine.rotate(name, actor: command.actor, kind: command.kind)
            tell("rotate", name, command, outcome)
            return try Self.answer(outcome, keyType: preview.keyType)
        }
        v1.post("resources/{name}/pause") { request, context in
            let (name, command) = try await Self.command(request, context)
            let outcome = await engine.pause(name, actor: command.actor)
            tell("pause", name, command, outcome)
            return try Self.answer(outcome)
        }
        v1.post("resources/{name}/resume") { request, context in
            let (name, command) = try await Self.command(request, context)
            let outcome = await engine.resume(name, actor: command.actor)
            tell("resume", name, command, outcome)
            return try Self.answer(outcome)
        }
        v1.post("reload") { _, _ in
            let answer = await reload()
            return try Self.json(answer, status: answer.accepted ? .ok : .unprocessableContent)
        }
        return router.buildResponder()
    }

    /// What is accepted is logged as it goes on record.
    private func tell(_ verb: String, _ name: String, _ command: ControlAPI.Command, _ outcome: CommandOutcome) {
        let answer = ControlAPI.Answer(outcome)
        guard outcome != .accepted, let detail = answer.detail else { return }
        logger.log(
            .commandRefused,
            metadata: [
                "resource": "\(name)", "command": "\(verb)", "actor": "\(command.actor)",
                "reason": "\(answer.reason ?? answer.outcome)", "detail": "\(detail)",
            ])
    }

    private static func command(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> (name: String, command: ControlAPI.Command) {
        let name = try context.parameters.require("name")
        let body = try await request.body.collect(upTo: 64 * 1024)
        do {
            let bytes = body.readableBytesView
            let command =
                try bytes.isEmpty
                ? ControlAPI.Command(actor: "control socket") : JSONText.decode(ControlAPI.Command.self, from: bytes)
            return (name, command)
        } catch {
            throw HTTPError(.badRequest, message: #"the body must be JSON such as {"actor":"alice","whatIf":false}"#)
        }
    }

    private static func answer(_ outcome: CommandOutcome, keyType: KeyType? = nil) throws -> Response {
        let status: HTTPResponse.Status =
            switch outcome {
            case .accepted: .accepted
            case .refused: .conflict
            case .gone: .notFound
            case .unavailable: .serviceUnavailable
            }
        return try json(ControlAPI.Answer(outcome, keyType: keyType), status: status)
    }

    private static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let text = try JSONText.encode(value) + "\n"
        return Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

/// One event of the history as `keyturn history` shows it.
package struct HistoryEntry: Codable, Hashable, Sendable {
    package var at: Instant
    package var resource: String
    package var event: String
    package var actor: String
    package var reason: String?
    package var keyType: String?
    package var version: Int?
    package var fingerprint: String?
    package var detail: String?
    /// Azure's id of the request it is about.
    package var requestID: String?
}
