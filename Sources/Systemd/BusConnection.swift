import CSystemd
import Glibc

/// A connection to the system bus by sd-bus, which is not for more than one thread at a time (sd-bus(3)). Everything it
/// does ends at the deadline, or when it is told to stop.
final class BusConnection {
    private let bus: OpaquePointer
    private let deadline: ContinuousClock.Instant
    private let stop: StopSignal
    /// Is given what comes in beside the answer that is waited for.
    var received: (BusMessage) throws(BusFailure) -> Void = { _ in }

    private init(bus: OpaquePointer, _ deadline: ContinuousClock.Instant, _ stop: StopSignal) {
        self.bus = bus
        self.deadline = deadline
        self.stop = stop
    }

    deinit { sd_bus_close_unref(bus) }

    /// - Parameter address: of the bus, as in sd_bus_set_address(3); nil: the system's.
    static func open(
        address: String?, deadline: ContinuousClock.Instant, stop: StopSignal
    ) throws(BusFailure) -> BusConnection {
        var bus: OpaquePointer?
        let result = address.map { opened(&bus, $0) } ?? sd_bus_open_system(&bus)
        guard result >= 0, let bus else { throw unavailable("connecting", result) }
        let connection = BusConnection(bus: bus, deadline, stop)
        while sd_bus_is_ready(bus) == 0 {
            if let message = try connection.processed() { try connection.received(message) }
        }
        return connection
    }

    private static func opened(_ bus: inout OpaquePointer?, _ address: String) -> Int32 {
        var new: OpaquePointer?
        var result = sd_bus_new(&new)
        if result >= 0 { result = sd_bus_set_address(new, address) }
        if result >= 0 { result = sd_bus_set_bus_client(new, 1) }
        if result >= 0 { result = sd_bus_start(new) }
        if result >= 0 { bus = new } else { sd_bus_unref(new) }
        return result
    }

    /// Calls a method whose arguments are all strings, and waits for the answer.
    func call(
        _ destination: String, _ path: String, _ interface: String, _ member: String, _ arguments: [String] = []
    ) throws(BusFailure) -> BusMessage {
        var raw: OpaquePointer?
        var result = sd_bus_message_new_method_call(bus, &raw, destination, path, interface, member)
        guard result >= 0, let raw else { throw Self.unavailable("making a call", result) }
        let message = BusMessage(taking: raw)
        for argument in arguments { try message.append(argument) }
        var cookie: UInt64 = 0
        result = sd_bus_send(bus, raw, &cookie)
        guard result >= 0 else { throw Self.unavailable("sending", result) }
        while true {
            guard let message = try processed() else { continue }
            guard message.replyCookie == cookie else {
                try received(message)
                continue
            }
            if let error = message.error { throw error }
            return message
        }
    }

    /// Gives one message, at least, to `received`.
    func receive() throws(BusFailure) {
        while true {
            guard let message = try processed() else { continue }
            return try received(message)
        }
    }

    /// Does what is next to be done on the connection: a message, should it be that; else waits for there to be more.
    private func processed() throws(BusFailure) -> BusMessage? {
        var raw: OpaquePointer?
        let result = sd_bus_process(bus, &raw)
        guard result >= 0 else { throw Self.unavailable("the connection", result) }
        if let raw {
            let message = BusMessage(taking: raw)
            guard !message.isSignal("org.freedesktop.DBus.Local", "Disconnected") else {
                throw .unavailable("the system bus closed the connection")
            }
            return message
        }
        if result == 0 { try wait() }
        return nil
    }

    private func wait() throws(BusFailure) {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { throw .timedOut }
        // sd_bus_get_events(3) are to be asked for anew each time.
        var descriptors = [
            pollfd(fd: sd_bus_get_fd(bus), events: Int16(truncatingIfNeeded: sd_bus_get_events(bus)), revents: 0),
            pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1
        let count = poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: milliseconds))
        guard count >= 0 || errno == EINTR else { throw Self.unavailable("waiting", -errno) }
        if count > 0, descriptors[1].revents != 0 { throw .cancelled }
    }

    private static func unavailable(_ what: String, _ result: Int32) -> BusFailure {
        .unavailable("\(what) failed: \(strerror(-result).map { String(cString: $0) } ?? "error \(-result)")")
    }
}
