extension EmulatorFault {
    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads an object with the names of the properties, or a text as the command line takes it. A name that is
    /// misspelt is refused: a filter that is passed over would make the fault strike everything.
    package init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            do {
                try self.init(text)
            } catch {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: error.description))
            }
            return
        }
        let container = try decoder.container(keyedBy: AnyKey.self)
        let known = ["name", "value", "resource", "operation", "count", "strikes"]
        if let unknown = container.allKeys.first(where: { !known.contains($0.stringValue) }) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: container.codingPath,
                    debugDescription: "'\(unknown.stringValue)' is unknown: use \(known.joined(separator: ", "))"))
        }
        func value<Value: Decodable>(_ key: String, _ type: Value.Type) throws -> Value? {
            try container.decodeIfPresent(type, forKey: AnyKey(stringValue: key))
        }
        let name = try container.decode(String.self, forKey: AnyKey(stringValue: "name"))
        do {
            self.init(
                try EmulatorFaultName(checked: name), try value("value", Int.self),
                resource: try value("resource", String.self),
                operation: try value("operation", String.self).map { try EmulatedOperation(faultable: $0) },
                count: try value("count", Int.self))
            try validate()
        } catch let malformed as Malformed {
            throw DecodingError.dataCorrupted(
                .init(codingPath: container.codingPath, debugDescription: malformed.description))
        }
    }
}
