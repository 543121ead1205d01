import HTTPTypes
import Hummingbird
import NIOCore
import PrometheusMetrics
import Rotation

/// What is served at `metrics.listen`, to whoever can connect: read-only, and nothing secret.
struct MetricsServer: Sendable {
    let source: MetricsSource
    let page: PageServer
    /// The listener's address is one of this machine alone.
    let isLoopback: Bool
    private let slots = AnswerSlots(limit: 8)

    init(source: MetricsSource, page: PageServer, isLoopback: Bool) {
        self.source = source
        self.page = page
        self.isLoopback = isLoopback
    }

    func responder() -> RouterResponder<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(
            middleware: ReadOnly(
                isLoopback: isLoopback, refused: { Self.text($0, $1) }, notFound: { page.notFound($0) }))
        page.addRoutes(to: router)
        router.get("metrics") { request, _ in
            guard let slot = slots.take() else {
                return Self.text(.serviceUnavailable, "too many answers are on their way already; try again")
            }
            let format = ExpositionFormat(accept: Self.accepted(request))
            let text = ByteBuffer(bytes: await source.text(format))
            let body = ResponseBody(contentLength: text.readableBytes) { writer in
                try await writer.write(text)
                try await writer.finish(nil)
                withExtendedLifetime(slot) {}
            }
            return Self.response(.ok, format.contentType, body)
        }
        router.get("healthz") { _, _ in
            let heartbeat = source.heartbeat
            let silence = heartbeat.silence
            guard silence > heartbeat.limit else { return Self.text(.ok, "ok") }
            return Self.text(
                .serviceUnavailable, "the engine's loop has not gone round for \(WholeSeconds.describe(silence))")
        }
        router.get("readyz") { _, _ in
            source.heartbeat.isReady
                ? Self.text(.ok, "ok") : Self.text(.serviceUnavailable, "not every resource was looked at yet")
        }
        return router.buildResponder()
    }

    /// A header that comes more than once is one list (RFC 9110 §5.3).
    private static func accepted(_ request: Request) -> String? {
        let values = request.headers[values: .accept]
        return values.isEmpty ? nil : values.joined(separator: ",")
    }

    private static func text(_ status: HTTPResponse.Status, _ line: String) -> Response {
        response(status, "text/plain; charset=utf-8", ResponseBody(byteBuffer: ByteBuffer(string: line + "\n")))
    }

    private static func response(_ status: HTTPResponse.Status, _ type: String, _ body: ResponseBody) -> Response {
        var headers: HTTPFields = [.contentType: type, .cacheControl: "no-store"]
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: status, headers: headers, body: body)
    }
}
