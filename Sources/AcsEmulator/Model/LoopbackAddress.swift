/// An address in 127.0.0.0/8. The last three octets tell what it serves: 127.0.0.1 is Resource Manager, the token
/// endpoints and the emulator's own controls; every other one, from 127.0.0.2 up, is the host of one resource.
struct LoopbackAddress: Hashable, Sendable {
    static let management = LoopbackAddress(host: 1)

    /// The address as a number, without its first octet.
    private let host: Int

    private init(host: Int) {
        self.host = host
    }

    /// The address of the resource with this index. Octets 0 and 255 are never the last one: some software takes such
    /// addresses for a network or a broadcast address.
    init(resource index: Int) {
        let position = index + 1
        self.init(host: position / 254 * 256 + position % 254 + 1)
    }

    /// nil when the text is no address in 127.0.0.0/8.
    init?(_ text: String) {
        let octets = text.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
        guard octets.count == 4, octets[0] == 127, text.utf8.allSatisfy({ $0 != 0x2b }) else { return nil }
        self.init(host: Int(octets[1]) << 16 | Int(octets[2]) << 8 | Int(octets[3]))
    }

    /// The index of the resource that would have this address; nil for 127.0.0.1 and for addresses that none has.
    var resourceIndex: Int? {
        let last = host % 256
        guard last != 0, last != 255, self != .management else { return nil }
        return host / 256 * 254 + last - 2
    }

    /// The 254 addresses that share all octets but the last.
    var block: Int { host / 256 }

    /// The addresses of a block.
    static func addresses(inBlock block: Int) -> [LoopbackAddress] {
        (1...254).map { LoopbackAddress(host: block * 256 + $0) }
    }

    var octets: [UInt8] {
        [127, UInt8(host >> 16 & 255), UInt8(host >> 8 & 255), UInt8(host & 255)]
    }
}

extension LoopbackAddress: CustomStringConvertible {
    var description: String { octets.map { String($0) }.joined(separator: ".") }
}
