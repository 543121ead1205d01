import Logging

/// One log event as a person reads it: the constant message, which resource it is about, and the other facts in order.
struct LogFacts {
    /// One fact; a nested value has a key such as `request.id`, and each element of a list is a fact of its own.
    struct Fact: Equatable {
        let key: String
        let value: String
    }

    let message: String
    /// 32 hex digits that name the kind of event for `journalctl -x`, from the metadata key `message-id`.
    let messageID: String?
    /// The kind of event for programs, from the metadata key `event`; people have the message.
    let event: String?
    /// Whom it is about: one resource or several.
    let resources: [String]
    let keyType: String?
    /// Everything else but the detail, sorted by key.
    let facts: [Fact]
    /// What only the fields have, because people find it by `journalctl -x`: `meaning` and `advice`.
    let hidden: [Fact]
    /// A sentence, from the metadata key `detail` or from the event's error.
    let detail: String?

    /// - Parameter metadata: the handler's own and its provider's, which the event's replace.
    init(_ event: LogEvent, metadata: Logger.Metadata) {
        var metadata = metadata
        metadata.merge(event.metadata ?? [:]) { $1 }
        message = event.message.description
        messageID = metadata.removeValue(forKey: "message-id").map(\.description)
        self.event = metadata.removeValue(forKey: "event").map(\.description)
        resources = metadata.removeValue(forKey: "resource").map { Self.flattened("resource", $0).map(\.value) } ?? []
        keyType = metadata.removeValue(forKey: "keyType").map(\.description)
        let details = [metadata.removeValue(forKey: "detail")?.description, event.error.map { String(describing: $0) }]
        detail = details.contains { $0 != nil } ? details.compactMap { $0 }.joined(separator: ": ") : nil
        hidden = ["meaning", "advice"].flatMap { key in
            metadata.removeValue(forKey: key).map { Self.flattened(key, $0) } ?? []
        }
        facts = metadata.sorted { $0.key < $1.key }.flatMap { Self.flattened($0.key, $0.value) }
    }

    /// The resources in a few words: the first names, and how many more there are.
    var subject: String? {
        guard !resources.isEmpty else { return nil }
        let shown = resources.count > 4 ? 3 : resources.count
        let names = resources.prefix(shown).map(PrintableText.escaped).joined(separator: ", ")
        return shown < resources.count ? "\(names) and \(resources.count - shown) more" : names
    }

    /// Metadata with the handler's own, its provider's, in the order in which the later replace the earlier.
    static func merged(_ metadata: Logger.Metadata, _ provider: Logger.MetadataProvider?) -> Logger.Metadata {
        guard let provided = provider?.get(), !provided.isEmpty else { return metadata }
        return metadata.merging(provided) { $1 }
    }

    private static func flattened(_ key: String, _ value: Logger.MetadataValue) -> [Fact] {
        switch value {
        case .dictionary(let dictionary):
            dictionary.sorted { $0.key < $1.key }.flatMap { flattened("\(key).\($0.key)", $0.value) }
        case .array(let values):
            values.flatMap { flattened(key, $0) }
        case .string, .stringConvertible:
            [Fact(key: key, value: value.description)]
        }
    }
}
