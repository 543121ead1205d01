/// The base URL of a service, checked as text: a token goes there, so it must be https; plain http is only for this
/// machine and for the instance metadata service, which speaks nothing else.
enum ServiceURL {
    /// What is wrong with the URL; nil when nothing is.
    static func problem(_ text: String) -> String? {
        guard let separator = text.firstRange(of: "://") else { return "is not a URL; expected https://HOST[:PORT]" }
        let scheme = text[..<separator.lowerBound]
        guard scheme == "https" || scheme == "http" else { return "must begin with https://" }
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard rest.dropFirst(authority.count).utf8.allSatisfy(isPathByte) else {
            return "must have no query, no fragment and no space"
        }
        var host = authority
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return "has an IPv6 address without its ']'" }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let after = authority[authority.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { return "has more than a port after the IPv6 address" }
            port = after.isEmpty ? nil : after.dropFirst()
            guard !host.isEmpty, host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else {
                return "has no valid IPv6 address in its brackets"
            }
        } else {
            if let colon = authority.firstIndex(of: ":") {
                host = authority[..<colon]
                port = authority[authority.index(after: colon)...]
            }
            guard isHostName(host) else { return "has no valid host name; expected https://HOST[:PORT]" }
        }
        if let port, !isPort(port) { return "has no valid port; expected a number from 1 to 65535" }
        guard scheme == "https" || isLoopback(host) || host == "169.254.169.254" else {
            return "must use https; plain http is only for this machine"
        }
        return nil
    }

    /// What is wrong with a host name, or with a domain that begins with a dot; nil when nothing is.
    static func hostProblem(_ text: String) -> String? {
        let isDomain = text.hasPrefix(".")
        let host = isDomain ? text.dropFirst() : text[...]
        guard isHostName(host), host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty })
        else { return "must be a host name such as acs.contoso.example, without scheme, port and path" }
        if isDomain, !host.contains(".") { return "would allow every host below '\(text)'; name a domain of your own" }
        return nil
    }

    private static func isHostName(_ host: Substring) -> Bool {
        !host.isEmpty && host.utf8.count <= 253
            && host.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || "-._".contains($0) }
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } && (1...65535).contains(Int(text) ?? 0)
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        if host.lowercased() == "localhost" || host == "::1" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127"
            && octets.allSatisfy { (1...3).contains($0.utf8.count) && UInt8($0) != nil }
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && !"?#\"<>\\^`{|}".utf8.contains(byte)
    }
}
