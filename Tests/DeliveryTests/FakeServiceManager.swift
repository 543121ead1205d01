import CSystemd
import Glibc
import Synchronization

@testable import Systemd

/// A bus with nobody but a systemd on it, at a socket of its own: it does to units what the test says, and nothing else.
final class FakeServiceManager: Sendable {
    enum Behaviour: Sendable {
        /// The job ends with this result after the answer, or before it, as a fast one does.
        case job(result: String, early: Bool = false)
        case error(String, String)
        /// The job never ends.
        case hangs
        /// There is no answer to the call.
        case silent
        /// The connection breaks at the call.
        case breaks
    }

    struct Unit: Sendable {
        var behaviour = Behaviour.job(result: "done")
        var id: String?
        var loadState = "loaded"
        var activeState = "active"
        /// In microseconds since 1970.
        var stateChangedAt: Int64 = 0
        /// It has what came with later versions of systemd.
        var refreshes = false
    }

    let address: String
    private let path: String
    private let units: [String: Unit]
    private let recorded = Mutex<[String]>([])

    init(_ units: [String: Unit], directory: String) {
        self.units = units
        path = directory + "/bus"
        address = "unix:path=" + path
    }

    /// `METHOD UNIT MODE` of each job that was asked for.
    var calls: [String] { recorded.withLock { $0 } }

    /// Serves while `body` runs.
    func whileServing<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let listener = try listen()
        defer {
            close(listener)
            unlink(path)
        }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                await onOwnThread { stop in self.serve(listener, stop) }
                return nil
            }
            group.addTask { try await body() }
            var result: Result?
            while result == nil, let next = try await group.next() { result = next }
            group.cancelAll()
            guard let result else { throw Workshop.Failed(errno: ECANCELED) }
            return result
        }
    }

    private func listen() throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Workshop.Failed(errno: errno) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, Glibc.listen(descriptor, 16) == 0 else { throw Workshop.Failed(errno: errno) }
        return descriptor
    }

    private func serve(_ listener: Int32, _ stop: StopSignal) {
        var connections: [FakeConnection] = []
        while true {
            var descriptors = [
                pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            ]
            descriptors += connections.map(\.descriptor)
            guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { continue }
            if descriptors[0].revents != 0 { return }
            if descriptors[1].revents != 0 {
                let accepted = accept(listener, nil, nil)
                if accepted >= 0, let connection = FakeConnection(accepted) { connections.append(connection) }
            }
            connections = connections.filter { $0.process(answer) }
        }
    }

    /// False when the connection is to be broken.
    private func answer(_ call: FakeCall) -> Bool {
        switch call.member {
        case "Hello": call.reply("s", ":1.1")
        case "AddMatch":
            call.connection.isMatched = true
            call.reply()
        case "Subscribe":
            call.connection.isSubscribed = true
            call.reply()
        case "Get": property(call)
        default: return job(call)
        }
        return true
    }

    private func property(_ call: FakeCall) {
        let name = call.arguments.last ?? ""
        let found = units.first { FakeCall.path(of: $0.key) == call.path }
        let unit = found?.value ?? Unit(loadState: "not-found", activeState: "inactive")
        switch name {
        case "Id": call.replyVariant([[unit.id ?? found?.key ?? ""]])
        case "LoadState": call.replyVariant([[unit.loadState]])
        case "ActiveState": call.replyVariant([[unit.activeState]])
        case "StateChangeTimestamp": call.replyVariant([[String(unit.stateChangedAt)]], "t")
        case "CanReload": call.replyVariant([["yes"]], "b")
        case "LoadCredential": call.replyVariant([["a", "/a"], ["b", "b"]], "ss", isArray: true)
        case "LoadCredentialEncrypted": call.replyVariant([], "ss", isArray: true)
        case "EnvironmentFiles": call.replyVariant([["/env", "yes"]], "sb", isArray: true)
        case "RefreshOnReload" where unit.refreshes:
            call.replyVariant([["extensions"], ["credentials"]], isArray: true)
        case "ImportCredential" where unit.refreshes: call.replyVariant([["b*"]], isArray: true)
        default: call.fail("org.freedesktop.DBus.Error.UnknownProperty", "no \(name)")
        }
    }

    private func job(_ call: FakeCall) -> Bool {
        recorded.withLock { $0.append(([call.member] + call.arguments).joined(separator: " ")) }
        let name = call.arguments.first ?? ""
        guard let unit = units[name] else {
            call.fail("org.freedesktop.systemd1.NoSuchUnit", "Unit \(name) not found.")
            return true
        }
        // As systemd and the bus do: no signal to somebody who did not ask for it.
        let isHeard = call.connection.isMatched && call.connection.isSubscribed
        let job = "/org/freedesktop/systemd1/job/7"
        switch unit.behaviour {
        case .job(let result, let early):
            if early, isHeard { call.connection.jobRemoved(job, name, result) }
            // Somebody else's.
            call.connection.jobRemoved("/org/freedesktop/systemd1/job/6", name, "failed")
            call.reply("o", job)
            if !early, isHeard { call.connection.jobRemoved(job, name, result) }
        case .error(let name, let message): call.fail(name, message)
        case .hangs: call.reply("o", job)
        case .silent: break
        case .breaks: return false
        }
        return true
    }
}
