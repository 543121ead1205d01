import EventCatalog
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Ledger
import Logging
import Rotation
import RotationEngine

/// The control API: HTTP/1.1 and JSON on the unix socket, under `/v1`. Who may connect is who may open the socket.
struct ControlServer: Sendable {
    let engine: RotationEngine
    let reports: StatusReporter
    let reload: @Sendable () async -> ControlAPI.ReloadAnswer
    /// What was found in Azure, as it is on record.
    let discovered: @Sendable () async -> [DiscoveredResource]
    let history: @Sendable (LedgerQuery) async -> Result<[HistoryEntry], Failure>
    let now: @Sendable () -> Instant
    let logger: Logger

    func responder() -> RouterResponder<ControlContext> {
        let router = Router(context: ControlContext.self)
        router.add(middleware: MetricsMiddleware())
        let v1 = router.group("v1")
        v1.get("status") { request, _ in
            let parameters = request.uri.queryParameters
            if let name = parameters.get("resource") { return try Self.json(await reports.report(on: name)) }
            let first = parameters.get("first")
            let count = first.flatMap { Int($0) }
            guard first == nil || count.map({ $0 >= 0 }) == true else {
                throw HTTPError(.badRequest, message: "first=\(first ?? "") is no number of resources")
            }
            return try Self.json(await reports.report(first: count))
        }
        v1.get("resources/{name}") { _, context in
            let name = try context.parameters.require("name")
            guard let resource = await reports.resource(name) else {
                return try Self.json(ControlAPI.Answer(.gone, name), status: .notFound)
            }
            return try Self.json(resource)
        }
        v1.get("history") { request, _ in
            let query: LedgerQuery
            do throws(HistoryQuery.Malformed) {
                query = try HistoryQuery.query { request.uri.queryParameters.get($0) }
            } catch {
                throw HTTPError(.badRequest, message: error.description)
            }
            switch await history(query) {
            case .success(let entries): return try Self.json(entries)
            case .failure(let failure): return try Self.answer(.unavailable(failure), "")
            }
        }
        v1.get("records") { _, _ in
            try Self.json(
                await engine.records().map { ControlAPI.Record(id: $0.id.description, record: $0.record) })
        }
        v1.get("discovered") { _, _ in try Self.json(await discovered()) }
        for verb in ["rotate", "pause", "resume"] {
            v1.post(RouterPath("resources/{name}/\(verb)")) { request, context in
                try await obey(verb, request, context)
            }
        }
        v1.post("reload") { _, _ in
            let answer = await reload()
            return try Self.json(answer, status: answer.accepted ? .ok : .unprocessableContent)
        }
        return router.buildResponder()
    }

    private func obey(_ verb: String, _ request: Request, _ context: ControlContext) async throws -> Response {
        let (name, sent) = try await Self.command(request, context)
        if let objection = sent.objection(verb, now()) {
            return try Self.json(ControlAPI.Answer(outcome: "invalid", detail: objection), status: .badRequest)
        }
        let command = sent.tidied
        let actor = await context.peer()?.actor(claimed: command.actor) ?? "control socket"
        var keyType: KeyType?
        let outcome: CommandOutcome
        switch verb {
        case "rotate":
            let preview = await engine.preview(name, kind: command.kind)
            keyType = preview.keyType
            guard command.whatIf != true else { return try Self.answer(preview.outcome, name, keyType: keyType) }
            outcome = await engine.rotate(name, actor: actor, kind: command.kind, reason: command.reason)
        case "pause":
            outcome = await engine.pause(name, actor: actor, until: command.until, reason: command.reason)
        default:
            outcome = await engine.resume(name, actor: actor, reason: command.reason)
        }
        tell(verb, name, actor, outcome)
        return try Self.answer(outcome, name, keyType: keyType)
    }

    /// What is accepted is logged as it goes on record.
    private func tell(_ verb: String, _ name: String, _ actor: String, _ outcome: CommandOutcome) {
        let answer = ControlAPI.Answer(outcome, name)
        guard outcome != .accepted, let detail = answer.detail else { return }
        logger.log(
            .commandRefused,
            metadata: [
                "resource": "\(name)", "command": "\(verb)", "actor": "\(actor)",
                "reason": "\(answer.reason ?? answer.outcome)", "detail": "\(detail)",
            ])
    }

    private static func command(
        _ request: Request, _ context: ControlContext
    ) async throws -> (name: String, command: ControlAPI.Command) {
        let name = try context.parameters.require("name")
        let body = try await request.body.collect(upTo: 64 * 1024)
        do {
            let bytes = body.readableBytesView
            let command =
                try bytes.isEmpty
                ? ControlAPI.Command() : JSONText.decode(ControlAPI.Command.self, from: bytes)
            return (name, command)
        } catch {
            throw HTTPError(.badRequest, message: #"the body must be JSON such as {"reason":"a test","whatIf":false}"#)
        }
    }

    private static func answer(
        _ outcome: CommandOutcome, _ name: String, keyType: KeyType? = nil
    ) throws -> Response {
        let status: HTTPResponse.Status =
            switch outcome {
            case .accepted: .accepted
            case .refused: .conflict
            case .gone: .notFound
            case .unavailable: .serviceUnavailable
            }
        return try json(ControlAPI.Answer(outcome, name, keyType: keyType), status: status)
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
    /// Ascending in the order of writing.
    package var id: Int64
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
