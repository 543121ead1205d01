import FoundationEssentials

/// The body of an email that is to be sent.
struct EmailBody: Decodable {
    struct Address: Decodable {
        let address: String?
    }

    struct Recipients: Decodable {
        let to: [Address]?
        let cc: [Address]?
        let bcc: [Address]?
    }

    struct Content: Decodable {
        let subject: String?
        let plainText: String?
        let html: String?
    }

    struct Attachment: Decodable {
        let name: String?
        let contentType: String?
        let contentInBase64: String?
    }

    let senderAddress: String?
    let content: Content?
    let recipients: Recipients?
    let replyTo: [Address]?
    let attachments: [Attachment]?

    struct Checked {
        let from: String
        let to: [String]
        let subject: String
        let text: String
    }

    func checked() throws(Refused) -> Checked {
        guard let from = senderAddress, Self.isAddress(from) else {
            throw Self.invalid("senderAddress", "is no email address")
        }
        guard let subject = content?.subject else { throw Self.invalid("content.subject", "is required") }
        guard let text = content?.plainText ?? content?.html else {
            throw Self.invalid("content", "has neither 'plainText' nor 'html'")
        }
        let lists = [("to", recipients?.to), ("cc", recipients?.cc), ("bcc", recipients?.bcc)]
        var to: [String] = []
        for (name, list) in lists {
            for (place, recipient) in (list ?? []).enumerated() {
                to.append(try Self.checked(recipient, "recipients.\(name)[\(place)].address"))
            }
        }
        guard (1...50).contains(to.count) else { throw Self.invalid("recipients", "names 1 to 50 addresses") }
        for (place, address) in (replyTo ?? []).enumerated() {
            _ = try Self.checked(address, "replyTo[\(place)].address")
        }
        for (place, attachment) in (attachments ?? []).enumerated() {
            guard attachment.name?.isEmpty == false, attachment.contentType?.isEmpty == false,
                attachment.contentInBase64.map({ Data(base64Encoded: $0) != nil }) == true
            else {
                throw Self.invalid("attachments[\(place)]", "needs 'name', 'contentType' and 'contentInBase64'")
            }
        }
        return Checked(from: from, to: to, subject: subject, text: text)
    }

    private static func checked(_ recipient: Address, _ name: String) throws(Refused) -> String {
        guard let address = recipient.address, isAddress(address) else {
            throw invalid(name, "is no email address")
        }
        return address
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && !parts[1].hasPrefix(".")
            && !parts[1].hasSuffix(".") && !text.contains(where: { $0.isWhitespace || "<>,;".contains($0) })
    }

    private static func invalid(_ name: String, _ problem: String) -> Refused {
        Refused(400, "InvalidEmailMessage", "The property '\(name)' \(problem).")
    }
}
