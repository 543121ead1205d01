import FoundationEssentials

/// What somebody sent; nothing leaves this machine.
struct SentMessage: Encodable, Sendable {
    let id: String
    /// `sms` or `email`.
    let kind: String
    /// The ARM id of the resource.
    let resource: String
    let time: String
    let from: String
    let to: [String]
    let subject: String?
    let text: String
    /// The SMS's tag for its delivery report.
    let tag: String?
}

struct EmailOperation: Sendable {
    let endsAt: Date
}

extension EmulatorModel {
    /// What `GET /_emulator/messages` remembers.
    static let rememberedMessages = 1000

    mutating func remember(_ message: SentMessage) {
        if messages.count >= Self.rememberedMessages { messages.removeFirst(messages.count / 2) }
        messages.append(message)
    }

    /// REST reference "SMS - Send".
    mutating func sendSMS(_ call: DataPlaneCall) throws(Refused) -> Reply {
        let body = try call.call.decode(SMSBody.self)
        guard let from = body.from, Self.isPhoneNumber(from) || Self.isSenderID(from) else {
            throw Refused(
                400, "BadRequest", "The property 'from' is a phone number such as +14255550123, or a sender id.")
        }
        guard let message = body.message, (1...2048).contains(message.utf16.count) else {
            throw Refused(400, "BadRequest", "The property 'message' has 1 to 2048 characters.")
        }
        guard let recipients = body.smsRecipients, (1...100).contains(recipients.count) else {
            throw Refused(400, "BadRequest", "The property 'smsRecipients' names 1 to 100 recipients.")
        }
        let results = recipients.map { send(from, $0, message, body.smsSendOptions?.tag, call) }
        return .json(202, ["value": results])
    }

    private mutating func send(
        _ from: String, _ recipient: SMSBody.Recipient, _ text: String, _ tag: String?, _ call: DataPlaneCall
    ) -> SMSResult {
        guard let to = recipient.to, Self.isPhoneNumber(to) else { return SMSResult(refused: recipient.to ?? "") }
        // OASIS repeatable requests: the same id is the same message, however often it comes.
        let repeatable = recipient.repeatabilityRequestId
        let known = repeatable.flatMap { dataPlanes[call.resource]?.repeatable[$0] }
        let id = known ?? UUID().uuidString.lowercased()
        if let repeatable { dataPlanes[call.resource, default: DataPlaneStore()].remember(repeatable, id) }
        if known == nil {
            remember(
                SentMessage(
                    id: id, kind: "sms", resource: resources.resources[call.resource].id.description,
                    time: call.time(call.now), from: from, to: [to], subject: nil, text: text, tag: tag))
        }
        return SMSResult(to: to, messageId: id, repeatabilityResult: repeatable == nil ? nil : "accepted")
    }

    /// E.164.
    private static func isPhoneNumber(_ text: String) -> Bool {
        text.hasPrefix("+") && (7...15).contains(text.utf8.count - 1)
            && text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }

    /// A short code, or an alphanumeric sender.
    private static func isSenderID(_ text: String) -> Bool {
        (3...11).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                Character(Unicode.Scalar($0)).isLetter || (0x30...0x39).contains($0) || $0 == 0x20
            }
    }

    /// REST reference "Email - Send".
    mutating func sendEmail(_ call: DataPlaneCall) throws(Refused) -> Reply {
        let body = try call.call.decode(EmailBody.self)
        let email = try body.checked()
        let asked = call.call.header("Operation-Id")
        guard asked.map({ UUID(uuidString: $0) != nil }) ?? true else {
            throw Refused(400, "BadRequest", "The header 'Operation-Id' is no UUID: '\(asked ?? "")'.")
        }
        let id = (asked ?? UUID().uuidString).lowercased()
        if dataPlanes[call.resource]?.emails[id] == nil {
            remember(
                SentMessage(
                    id: id, kind: "email", resource: resources.resources[call.resource].id.description,
                    time: call.time(call.now), from: email.from, to: email.to, subject: email.subject, text: email.text,
                    tag: nil))
            let endsAt = call.now.addingTimeInterval(configuration.operationTime)
            dataPlanes[call.resource, default: DataPlaneStore()].emails[id] = EmailOperation(endsAt: endsAt)
        }
        let location = "\(call.endpoint)emails/operations/\(id)?api-version=\(call.version)"
        return .json(
            202, EmailStatusBody(id: id, status: "Running"),
            headers: [("Operation-Location", location), ("Retry-After", "1")])
    }

    func emailOperation(_ call: DataPlaneCall) throws(Refused) -> Reply {
        let id = call.segment(2).lowercased()
        guard let operation = dataPlanes[call.resource]?.emails[id] else {
            throw Refused(404, "NotFound", "There is no operation '\(id)'.")
        }
        let ended = operation.endsAt <= call.now
        return .json(
            200, EmailStatusBody(id: id, status: ended ? "Succeeded" : "Running"),
            headers: ended ? [] : [("Retry-After", "1")])
    }
}

private struct SMSBody: Decodable {
    struct Recipient: Decodable {
        let to: String?
        let repeatabilityRequestId: String?
    }

    struct Options: Decodable {
        let tag: String?
    }

    let from: String?
    let smsRecipients: [Recipient]?
    let message: String?
    let smsSendOptions: Options?
}

private struct SMSResult: Encodable {
    let to: String
    let messageId: String?
    let httpStatusCode: Int
    let errorMessage: String?
    let repeatabilityResult: String?
    let successful: Bool

    init(to: String, messageId: String, repeatabilityResult: String?) {
        self.to = to
        self.messageId = messageId
        self.repeatabilityResult = repeatabilityResult
        httpStatusCode = 202
        errorMessage = nil
        successful = true
    }

    init(refused to: String) {
        self.to = to
        messageId = nil
        repeatabilityResult = nil
        httpStatusCode = 400
        errorMessage = "Invalid To phone number format."
        successful = false
    }
}

private struct EmailStatusBody: Encodable {
    let id: String
    let status: String
}
