import HTTPTypes
import Hummingbird
import NIOCore
import Rotation
import StatusPage

/// The status page: `/`, and `/resource/NAME` for each resource. Read-only, and nothing secret.
struct PageServer: Sendable {
    let source: PageSource
    let heartbeat: Heartbeat
    private let slots = AnswerSlots(limit: 4)

    init(source: PageSource, heartbeat: Heartbeat) {
        self.source = source
        self.heartbeat = heartbeat
    }

    func addRoutes(to router: Router<BasicRequestContext>) {
        router.get("/") { request, _ in
            await answer(request) {
                let query = try FormQuery(request.uri.query)
                let overview = try OverviewQuery(filter: query["q"], page: query["page"], span: query["span"])
                if let page = try await source.overview(overview) { return page }
                throw Missing(title: "There is no page \(overview.page)", text: "The list is shorter by now.")
            }
        }
        router.get("resource/{name}") { request, context in
            let name = context.parameters.get("name") ?? ""
            return await answer(request) {
                let query = try FormQuery(request.uri.query)
                let (before, span) = (try Self.before(query["before"]), try OverviewQuery.span(query["span"]))
                if let page = try await source.resource(name, before: before, span: span) { return page }
                throw Missing(
                    title: "There is no such resource", text: "The running configuration has no resource “\(name)”.")
            }
        }
    }

    /// For whoever asks for what is not there.
    func notFound(_ request: Request) -> Response {
        message(request, .notFound, "There is no such page", "What there is begins at the list of all resources.")
    }

    private struct Missing: Error {
        let title: String
        let text: String
    }

    private static func before(_ text: String?) throws(OverviewQuery.Malformed) -> Int64? {
        guard let text else { return nil }
        guard let id = Int64(text), id > 0 else {
            throw OverviewQuery.Malformed(description: "What comes after ?before= is the number of an event.")
        }
        return id
    }

    private func answer(_ request: Request, _ page: () async throws -> [UInt8]) async -> Response {
        // Whoever would ask the engine would not come back.
        let silence = heartbeat.silence
        guard silence <= heartbeat.limit else {
            return message(
                request, .serviceUnavailable, "Keyturn's engine is stuck",
                "Its loop has not gone round for \(WholeSeconds.describe(silence)). systemd ends it when its watchdog is on;"
                    + " see journalctl -u keyturn.")
        }
        guard let slot = slots.take() else {
            return message(
                request, .serviceUnavailable, "Too many pages are on their way already", "Try again in a moment.")
        }
        do {
            return html(.ok, try await page(), slot)
        } catch let malformed as OverviewQuery.Malformed {
            return message(request, .badRequest, "There is no such address", malformed.description)
        } catch let missing as Missing {
            return message(request, .notFound, missing.title, missing.text)
        } catch {
            return message(
                request, .serviceUnavailable, "Keyturn is ending", "It answers again when it has started anew.")
        }
    }

    private func message(
        _ request: Request, _ status: HTTPResponse.Status, _ title: String, _ text: String
    ) -> Response {
        let depth = request.uri.path.utf8.dropFirst().count { $0 == UInt8(ascii: "/") }
        return html(status, MessagePage(title, text, depth: depth, now: source.now()).html(), nil)
    }

    private func html(_ status: HTTPResponse.Status, _ page: [UInt8], _ slot: AnswerSlots.Slot?) -> Response {
        let text = ByteBuffer(bytes: page)
        let body = ResponseBody(contentLength: text.readableBytes) { writer in
            try await writer.write(text)
            try await writer.finish(nil)
            withExtendedLifetime(slot) {}
        }
        var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"]
        headers[.xContentTypeOptions] = "nosniff"
        headers[.contentSecurityPolicy] = ContentSecurityPolicy.value
        for (name, value) in Self.isolation { headers[name] = value }
        return Response(status: status, headers: headers, body: body)
    }

    private static let isolation: [(HTTPField.Name, String)] = [
        ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}
