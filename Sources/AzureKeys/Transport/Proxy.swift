import AsyncHTTPClient
import FoundationEssentials
import KeyMaterial
import Rotation

/// A proxy through which connections are opened: HTTP with `CONNECT` (RFC 9110 §9.3.6), or SOCKS5.
struct Proxy: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case http
        case socks5
    }

    struct Account: Hashable, Sendable {
        let user: String
        let password: Secret
    }

    let kind: Kind
    let host: String
    let port: Int
    /// Only with HTTP.
    let account: Account?

    /// Why a text names no proxy that can be used. It never holds the text, which may have a password in it.
    struct Malformed: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// - Parameter text: `[http://][USER:PASSWORD@]HOST[:PORT]` or `socks5://HOST[:PORT]`, as curl(1) takes it.
    init(_ text: String) throws(Malformed) {
        let schemeEnd = text.firstRange(of: "://")
        let scheme = schemeEnd.map { text[..<$0.lowerBound].lowercased() } ?? "http"
        kind = try Self.kind(scheme)
        var rest = text[(schemeEnd?.upperBound ?? text.startIndex)...].prefix { $0 != "/" }
        var account: Account?
        if let at = rest.lastIndex(of: "@") {
            guard kind == .http else {
                throw Malformed(description: "a SOCKS proxy can be used without user and password only")
            }
            account = try Self.account(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        self.account = account
        guard let authority = HostAndPort(rest), !authority.host.isEmpty else {
            throw Malformed(description: "it has no valid host and port; expected http://HOST:PORT")
        }
        host = authority.host
        port = authority.port ?? (kind == .http ? 80 : 1080)
    }

    private static func kind(_ scheme: String) throws(Malformed) -> Kind {
        switch scheme {
        case "http": .http
        case "socks5", "socks5h": .socks5
        case "https":
            throw Malformed(
                description:
                    "TLS to the proxy itself is not supported; expected http://HOST:PORT (what goes through it is"
                    + " TLS in any case)")
        default: throw Malformed(description: "it must begin with http:// or socks5://")
        }
    }

    private static func account(_ text: Substring) throws(Malformed) -> Account {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let user = parts[0].percentDecoded,
            let password = (parts.count == 2 ? parts[1] : "").percentDecoded
        else { throw Malformed(description: "its user or password has a '%' that begins no percent-encoded byte") }
        return Account(user: user, password: Secret(password))
    }

    var setting: HTTPClient.Configuration.Proxy {
        switch kind {
        case .http:
            let authorization = account.map { account in
                account.password.withExposedText {
                    HTTPClient.Authorization.basic(username: account.user, password: $0)
                }
            }
            return .server(host: host, port: port, authorization: authorization)
        case .socks5: return .socksServer(host: host, port: port)
        }
    }
}

extension Proxy: CustomStringConvertible {
    var description: String { "the proxy \(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

/// `HOST[:PORT]`, an IPv6 address in brackets.
struct HostAndPort: Hashable, Sendable {
    /// Lower case, without brackets.
    var host: String
    var port: Int?

    /// nil when there is no such thing in the text.
    init?(_ text: Substring) {
        var after = text[...]
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end].lowercased()
            guard IPAddress(host) != nil else { return nil }
            after = text[text.index(after: end)...]
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<end].lowercased()
            guard host.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !"[]@/?#%\"<>\\".utf8.contains($0) }) else {
                return nil
            }
            after = text[end...]
        }
        guard !after.isEmpty else { return }
        let digits = after.dropFirst()
        guard after.hasPrefix(":"), !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(digits), (1...65535).contains(number)
        else { return nil }
        port = number
    }
}
