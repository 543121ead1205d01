/// The query of an address as a form of a page sends it (the URL Standard's application/x-www-form-urlencoded).
package struct FormQuery: Sendable {
    private let values: [String: String]

    /// - Parameter text: without the question mark; nil: there is none.
    /// - Throws: when it is not encoded as it should be, or is no UTF-8.
    package init(_ text: String?) throws(OverviewQuery.Malformed) {
        var values: [String: String] = [:]
        for part in (text ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(pair[0])
            // The first one counts.
            if values[name] == nil { values[name] = try Self.decoded(pair.count > 1 ? pair[1] : "") }
        }
        self.values = values
    }

    package subscript(name: String) -> String? { values[name] }

    private static func decoded(_ text: Substring) throws(OverviewQuery.Malformed) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                let isNumber = digits.count == 2 && digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
                guard isNumber, let value = UInt8(String(Substring(digits)), radix: 16) else {
                    throw OverviewQuery.Malformed(description: "After a % in the address come two hexadecimal digits.")
                }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw OverviewQuery.Malformed(description: "The address is not in UTF-8.")
        }
        return decoded
    }
}
