/// An IP address of this machine and a TCP port. Host names are not taken: what they stand for may change.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// Why a text is no address to listen at.
    struct Problem: Error {
        let message: String
        let hint: String
    }

    /// IPv4 in dotted decimals, or IPv6 without brackets.
    package let address: String
    /// 0: any that is free.
    package let port: Int

    package var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

    /// Whether only this machine can connect to it.
    package var isLoopback: Bool { address.hasPrefix("127.") || address == "::1" }

    /// The same address with the port that was free.
    package func with(port: Int) -> ListenAddress { ListenAddress(address: address, port: port) }

    private init(address: String, port: Int) {
        self.address = address
        self.port = port
    }

    /// Reads `127.0.0.1:9464` or `[::1]:9464`.
    init(_ text: String) throws(Problem) {
        guard let colon = text.lastIndex(of: ":") else {
            if Self.isPort(text[...]) {
                throw Problem(message: "has no address", hint: "for this machine alone write 127.0.0.1:\(text)")
            }
            throw Problem(message: "has no port", hint: "write 127.0.0.1:9464")
        }
        let host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        guard Self.isPort(digits), let port = Int(digits) else {
            if Self.isIPv6(text[...]) {
                throw Problem(message: "has no port", hint: "write \"[\(text)]:9464\"")
            }
            throw Problem(message: "has no valid port", hint: "a port is a number from 0 to 65535; 0 is any free one")
        }
        self.port = port
        if host.hasPrefix("["), host.hasSuffix("]"), Self.isIPv6(host.dropFirst().dropLast()) {
            address = host.dropFirst().dropLast().lowercased()
        } else if Self.isIPv4(host) {
            address = String(host)
        } else {
            throw Self.problem(host, port)
        }
    }

    private static func problem(_ host: Substring, _ port: Int) -> Problem {
        if host.isEmpty || host == "*" {
            return Problem(
                message: "has no address",
                hint: "for this machine alone write 127.0.0.1:\(port), for all of its addresses 0.0.0.0:\(port)")
        }
        if host.lowercased() == "localhost" {
            return Problem(message: "has a host name", hint: "write 127.0.0.1:\(port)")
        }
        if isIPv6(host) {
            return Problem(message: "has an IPv6 address without brackets", hint: "write \"[\(host)]:\(port)\"")
        }
        return Problem(
            message: "has no valid IP address", hint: "write 127.0.0.1:\(port) or \"[::1]:\(port)\"; no host names")
    }

    private static func isPort(_ text: Substring) -> Bool {
        (1...5).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && (0...65535).contains(Int(text) ?? -1)
    }

    private static func isIPv4(_ text: Substring) -> Bool {
        let octets = text.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4
            && octets.allSatisfy { octet in
                (1...3).contains(octet.utf8.count) && octet.utf8.allSatisfy { (0x30...0x39).contains($0) }
                    && UInt8(octet) != nil && (octet == "0" || !octet.hasPrefix("0"))
            }
    }

    /// RFC 4291 §2.2: eight groups of hexadecimal digits, a `::` for some zeros, the last two as IPv4.
    private static func isIPv6(_ text: Substring) -> Bool {
        var text = text
        var groups = 8
        if let colon = text.lastIndex(of: ":"), isIPv4(text[text.index(after: colon)...]) {
            groups = 6
            text = text[...colon]
            if !text.hasSuffix("::") { text.removeLast() }
        }
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        let counts = halves.map { half -> Int? in
            if half.isEmpty { return 0 }
            let parts = half.split(separator: ":", omittingEmptySubsequences: false)
            return parts.allSatisfy(isGroup) ? parts.count : nil
        }
        guard counts.allSatisfy({ $0 != nil }) else { return false }
        let count = counts.reduce(0) { $0 + ($1 ?? 0) }
        return halves.count == 2 ? count < groups : count == groups && !text.isEmpty
    }

    private static func isGroup(_ text: Substring) -> Bool {
        (1...4).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && $0.isHexDigit }
    }
}
