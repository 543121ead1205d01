import FoundationEssentials

/// RFC 4648, section 5, without padding, as in JSON web tokens.
enum Base64URL {
    static func encode(_ data: Data) -> String {
        String(
            data.base64EncodedString().compactMap { character -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }

    static func decode(_ text: some StringProtocol) -> Data? {
        guard !text.contains(where: { "+/=".contains($0) }) else { return nil }
        let standard = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        return Data(base64Encoded: standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4))
    }

    /// Also with the padding that RFC 7515 leaves out, and that azure-identity sends in the assertions it makes itself.
    static func decode(padded text: Substring) -> Data? {
        let plain = text.prefix { $0 != "=" }
        let padding = text.dropFirst(plain.count)
        guard padding.isEmpty || text.utf8.count % 4 == 0 && ["=", "=="].contains(padding) else { return nil }
        return decode(plain)
    }
}
