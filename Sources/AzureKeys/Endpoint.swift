/// The base URL of a service: scheme, host, port and an optional path, without query, fragment or user info.
///
/// Only `https` is accepted, because every call carries a token or a signature; `http` only to this machine
/// (127.0.0.0/8, `::1`, `localhost`) and to the instance metadata service at 169.254.169.254, which has no TLS.
package struct Endpoint: Hashable, Sendable {
    package let scheme: String
    /// Lower case; an IPv6 address without its brackets.
    package let host: String
    /// nil when the URL names none: the default of the scheme.
    package let port: Int?
    /// Without a slash at its end; empty for none.
    package let path: String

    /// Why a text is no endpoint; a sentence for the person who wrote it.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    package init(_ text: String) throws(Malformed) {
        try self.init(text, allowsLinkLocal: false)
    }

    /// Where a host of managed identities listens: also plain http within 169.254.0.0/16, where App Service has it.
    package init(identityEndpoint text: String) throws(Malformed) {
        try self.init(text, allowsLinkLocal: true)
    }

    private init(_ text: String, allowsLinkLocal: Bool) throws(Malformed) {
        guard let separator = text.firstRange(of: "://") else {
            throw Malformed(description: "'\(text)' is not a URL; expected https://HOST[:PORT]")
        }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else {
            throw Malformed(description: "'\(text)' must begin with https://")
        }
        let rest = text[separator.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let (host, port) = try Self.splitAuthority(rest[..<slash], of: text)
        var path = String(rest[slash...])
        while path.hasSuffix("/") { path.removeLast() }
        guard path.utf8.allSatisfy(Self.isPathByte) else {
            throw Malformed(description: "'\(text)' must have no query, no fragment and no space")
        }
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
        guard
            scheme == "https" || isLoopback || host == Self.instanceMetadataHost
                || allowsLinkLocal && Self.octets(host)?.starts(with: [169, 254]) == true
        else {
            throw Malformed(
                description:
                    "'\(text)' must use https: plain http is only for this machine (localhost, 127.0.0.0/8, ::1)"
                    + " and for the instance metadata service at \(Self.instanceMetadataHost)")
        }
    }

    /// An endpoint of a public cloud, known to be good.
    init(https host: String) {
        scheme = "https"
        self.host = host
        port = nil
        path = ""
    }

    /// The Azure instance metadata service.
    static let instanceMetadata = Endpoint(http: instanceMetadataHost)

    private init(http host: String) {
        scheme = "http"
        self.host = host
        port = nil
        path = ""
    }

    private static let instanceMetadataHost = "169.254.169.254"

    /// Whether the host is this machine. Names other than `localhost` are not looked up.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        return Self.octets(host)?.first == 127
    }

    /// Of an IPv4 address; nil for any other host.
    private static func octets(_ host: String) -> [UInt8]? {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let octets = parts.compactMap { (1...3).contains($0.utf8.count) ? UInt8($0) : nil }
        return parts.count == 4 && octets.count == 4 ? octets : nil
    }

    /// The value of the `Host` header: the port only when it is not the default of the scheme.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        guard let port, port != (scheme == "https" ? 443 : 80) else { return name }
        return "\(name):\(port)"
    }

    private static func splitAuthority(
        _ authority: Substring, of text: String
    ) throws(Malformed) -> (host: String, port: Int?) {
        var host = authority
        var portText: Substring?
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else {
                throw Malformed(description: "'\(text)' has an IPv6 address without its closing ']'")
            }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let after = authority[authority.index(after: end)...]
            guard after.isEmpty || after.first == ":" else {
                throw Malformed(description: "'\(text)' has something other than a port after the IPv6 address")
            }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            portText = authority[authority.index(after: colon)...]
        }
        let allowed = authority.first == "[" ? isIPv6Byte : isHostByte
        guard !host.isEmpty, host.utf8.allSatisfy(allowed) else {
            throw Malformed(description: "'\(text)' has no valid host name; expected https://HOST[:PORT]")
        }
        guard let portText else { return (host.lowercased(), nil) }
        guard portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(portText),
            (1...65535).contains(port)
        else {
            throw Malformed(description: "'\(text)' has no valid port; expected a number from 1 to 65535")
        }
        return (host.lowercased(), port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return character.isASCII && (character.isLetter || character.isNumber || "-._".contains(character))
    }

    private static func isIPv6Byte(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return character.isHexDigit || ":.".contains(character)
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && !"?#\"<>\\^`{|}".utf8.contains(byte)
    }
}

extension Endpoint: CustomStringConvertible {
    package var description: String { "\(scheme)://\(authority)\(path)" }
}
