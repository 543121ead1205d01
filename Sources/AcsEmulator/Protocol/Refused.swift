import FoundationEssentials

/// Why a well-formed, authorised call is not executed.
struct Refused: Error, Sendable {
    let reply: Reply

    init(_ reply: Reply) {
        self.reply = reply
    }

    /// In Azure's error envelope, whose code is in a header, too.
    init(_ status: Int, _ code: String, _ message: String) {
        reply = .error(status, code, message, headers: [("x-ms-error-code", code)])
    }
}

extension Call {
    /// The body as JSON of this form.
    ///
    /// - Parameter code: of the refusal of a body that is something else.
    func decode<Body: Decodable>(_ type: Body.Type, code: String = "BadRequest") throws(Refused) -> Body {
        let media = header("Content-Type")?.lowercased().prefix { $0 != ";" } ?? ""
        guard media == "application/json" || media == "application/merge-patch+json" else {
            throw Refused(
                415, "UnsupportedMediaType",
                "The content media type '\(media)' is not supported. Use 'application/json'.")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw Refused(
                400, code,
                "The request content was invalid and could not be deserialized: "
                    + "'\(JSONText.explain(error))'.")
        }
    }
}
