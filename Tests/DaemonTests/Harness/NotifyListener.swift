import FoundationEssentials
import Glibc
import Synchronization

/// The service manager's end of `NOTIFY_SOCKET`: a SOCK_DGRAM unix socket. What arrives is kept, also in a file of the
/// lab, for `expectNoLeak`.
final class NotifyListener: Sendable {
    let path: String
    private let descriptor: Int32
    private let record: String
    private let kept = Mutex<[String]>([])

    init(_ lab: Lab) throws {
        path = lab.directory + "/n.sock"
        record = lab.directory + "/notifications"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard result == 0 else { throw TestError("bind: errno \(errno)") }
    }

    deinit {
        close(descriptor)
    }

    /// Everything so far, one text a datagram, oldest first.
    var messages: [String] {
        kept.withLock { kept in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                guard count >= 0 else { break }
                kept.append(String(decoding: buffer.prefix(count), as: UTF8.self))
            }
            try? Data(kept.joined(separator: "\n\n").utf8).write(to: URL(filePath: record))
            return kept
        }
    }

    /// The fields of all messages, in order.
    var fields: [String] {
        messages.flatMap { $0.split(separator: "\n").map(String.init) }
    }

    func value(of name: String) -> String? {
        fields.last { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }
}
