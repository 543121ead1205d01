import Glibc

/// A bound SOCK_DGRAM unix socket, as the service manager has one; its file is removed with it.
final class DatagramSocket: Sendable {
    struct Failed: Error {
        let errno: Int32
    }

    /// As in `NOTIFY_SOCKET`: an abstract name begins with `@`.
    let name: String
    private let descriptor: Int32

    init(abstract: Bool) throws {
        let unique = "keyturn-notify-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        name = abstract ? "@\(unique)" : "/tmp/\(unique)"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(name.utf8)
        if abstract { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard result == 0 else { throw Failed(errno: errno) }
    }

    deinit {
        close(descriptor)
        if !name.hasPrefix("@") { unlink(name) }
    }

    /// What has arrived, one text a datagram.
    func received() -> [String] {
        var messages: [String] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count >= 0 else { return messages }
            messages.append(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
    }
}
