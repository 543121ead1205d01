import FoundationEssentials
import NIOCore
import NIOHTTP1

/// What the resource manager wants of a token beyond that it is good, told with a 401 (continuous access evaluation;
/// learn.microsoft.com/entra/identity-platform/claims-challenge).
enum ClaimsChallenge {
    private static let longest = 8192

    /// The claims that the answer asks for, as JSON; nil when it does not.
    static func read(_ headers: HTTPHeaders) -> String? {
        for challenge in challenges(headers) {
            guard challenge.scheme == "bearer", challenge.parameters["error"]?.lowercased() == "insufficient_claims",
                let claims = challenge.parameters["claims"].flatMap(decode)
            else { continue }
            return claims
        }
        return nil
    }

    /// The claims to ask a token service for: those of a challenge, if any, and that this client understands challenges.
    static func merged(_ claims: String?) -> String {
        var all: [String: JSONValue] = [:]
        if let claims, case .object(let members)? = JSONValue(ByteBuffer(string: claims)) { all = members }
        var token: [String: JSONValue] = [:]
        if case .object(let members)? = all["access_token"] { token = members }
        token["xms_cc"] = .object(["values": .array([.string("CP1")])])
        all["access_token"] = .object(token)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(JSONValue.object(all)) else { return claims ?? "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    private static func decode(_ text: String) -> String? {
        guard text.utf8.count <= longest else { return nil }
        var standard = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        while standard.hasSuffix("=") { standard.removeLast() }
        standard += String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: standard), case .object? = JSONValue(ByteBuffer(bytes: data)) else {
            return nil
        }
        return String(decoding: data, as: UTF8.self)
    }

    private struct Challenge {
        /// Lower case.
        var scheme: String
        /// By their names in lower case.
        var parameters: [String: String] = [:]
    }

    /// Reads RFC 9110, section 11.6.1: several challenges may stand in one header, and commas within quotes.
    private static func challenges(_ headers: HTTPHeaders) -> [Challenge] {
        headers["www-authenticate"].flatMap { value -> [Challenge] in
            var found: [Challenge] = []
            var rest = Substring(value)
            while true {
                rest = rest.drop { $0 == " " || $0 == "," || $0 == "\t" }
                let word = rest.prefix { !" ,=\t\"".contains($0) }
                guard !word.isEmpty else { break }
                rest = rest.dropFirst(word.count)
                let afterWord = rest.drop { $0 == " " }
                guard afterWord.first == "=" else {
                    found.append(Challenge(scheme: word.lowercased()))
                    continue
                }
                rest = afterWord.dropFirst().drop { $0 == " " }
                let value = parameterValue(&rest)
                if !found.isEmpty { found[found.count - 1].parameters[word.lowercased()] = value }
            }
            return found
        }
    }

    private static func parameterValue(_ rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let value = rest.prefix { $0 != "," && $0 != " " }
            rest = rest.dropFirst(value.count)
            return String(value)
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            value.append(character == "\\" ? rest.popFirst() ?? character : character)
        }
        return value
    }
}
