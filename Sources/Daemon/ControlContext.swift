import Glibc
import Hummingbird
import NIOCore
import NIOPosix

/// One request on the control socket, with who sent it.
struct ControlContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Who connected, as the kernel has it (SO_PEERCRED, unix(7)); nil when it does not say.
    func peer() async -> ControlPeer? {
        guard let socket = channel as? any SocketOptionProvider else { return nil }
        let credentials: PeerCredentials? = try? await socket.unsafeGetSocketOption(
            level: .init(SOL_SOCKET), name: .init(SO_PEERCRED)
        ).get()
        guard let credentials else { return nil }
        let name = try? await NIOThreadPool.singleton.runIfActive { ControlPeer.name(of: credentials.uid) }
        return ControlPeer(uid: credentials.uid, name: name ?? nil)
    }

    /// `struct ucred`.
    private struct PeerCredentials: Sendable {
        var pid: Int32
        var uid: UInt32
        var gid: UInt32
    }
}

/// The user at the other end of a connection to the control socket.
struct ControlPeer: Hashable, Sendable {
    let uid: UInt32
    /// nil when the user database does not know the number.
    let name: String?

    /// For the history: `alice (uid 1000)`. Whom root acts for is believed; anybody else is who the kernel says.
    func actor(claimed: String?) -> String {
        let claim = uid == 0 ? claimed.map(OperatorText.line).flatMap { $0.isEmpty ? nil : $0 } : nil
        guard let who = claim ?? name else { return "uid \(uid)" }
        return "\(who) (uid \(uid))"
    }

    /// Blocks for as long as the user database takes.
    static func name(of uid: UInt32) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, let name = found?.pointee.pw_name else {
            return nil
        }
        return String(cString: name)
    }
}

/// What an operator wrote, for the history and the journal.
enum OperatorText {
    /// More is no reason but a report, which belongs elsewhere.
    static let longest = 500

    /// In one line, without what drives a terminal, and without blanks around it.
    static func line(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Character in
            switch scalar.value {
            case 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069: " "
            default: Character(scalar)
            }
        }
        let line = String(scalars).split(separator: " ").joined(separator: " ")
        return String(line.prefix(longest))
    }
}
