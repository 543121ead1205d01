import Glibc

/// A port of the loopback interface that somebody listens at. It is none that the kernel gives away: once released, it is
/// nobody else's by chance.
final class TakenPort: Sendable {
    let port: Int
    private let descriptor: Int32

    /// A daemon that is started meanwhile must not inherit it.
    private static let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

    init() throws {
        for _ in 0..<1000 {
            // Below those of ip_local_port_range (ip(7)).
            let port = UInt16.random(in: 20_000..<32_000)
            let descriptor = socket(AF_INET, Self.type, 0)
            var address = Self.loopback(port: port)
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                        && listen(descriptor, 1) == 0
                }
            }
            if bound {
                self.descriptor = descriptor
                self.port = Int(port)
                return
            }
            close(descriptor)
        }
        throw TestError("no port: errno \(errno)")
    }

    func release() {
        close(descriptor)
    }

    static func connect(to port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Self.type, 0)
        var address = loopback(port: UInt16(port))
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { throw TestError("not connected: errno \(errno)") }
        return descriptor
    }

    /// To a socket in the file system.
    static func connect(toSocket path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Self.type, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8.prefix(107))) }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard connected else { throw TestError("not connected: errno \(errno)") }
        return descriptor
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
