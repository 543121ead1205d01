import Glibc

/// An IPv4 or IPv6 address as its bytes.
struct IPAddress: Hashable, Sendable {
    /// Four or sixteen.
    let bytes: [UInt8]

    /// nil when the text is no address as inet_pton(3) takes it.
    init?(_ text: String) {
        if let bytes = Self.parse(text, AF_INET, count: 4) ?? Self.parse(text, AF_INET6, count: 16) {
            self.bytes = bytes
        } else {
            return nil
        }
    }

    private static func parse(_ text: String, _ family: CInt, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }

    /// Whether the first `bits` bits are those of the other one, which is of the same family.
    func shares(_ bits: Int, with other: IPAddress) -> Bool {
        guard bytes.count == other.bytes.count, (0...bytes.count * 8).contains(bits) else { return false }
        let whole = bits / 8
        guard bytes[..<whole] == other.bytes[..<whole] else { return false }
        guard bits % 8 > 0 else { return true }
        let mask = ~UInt8(0) << (8 - UInt8(bits % 8))
        return bytes[whole] & mask == other.bytes[whole] & mask
    }

    /// 127.0.0.0/8 and `::1`: this machine; 169.254.0.0/16 and `fe80::/10`: the link, with its metadata services.
    var isHere: Bool {
        if bytes.count == 4 { return bytes[0] == 127 || bytes.starts(with: [169, 254]) }
        return bytes == [UInt8](repeating: 0, count: 15) + [1] || bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80
    }
}
