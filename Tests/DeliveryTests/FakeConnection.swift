import CSystemd
import Glibc

/// The server's end of one connection, with sd-bus as the server.
final class FakeConnection {
    private let bus: OpaquePointer
    var isMatched = false
    var isSubscribed = false

    init?(_ descriptor: Int32) {
        var new: OpaquePointer?
        guard sd_bus_new(&new) >= 0, let new else { return nil }
        bus = new
        guard sd_bus_set_fd(new, descriptor, descriptor) >= 0, sd_bus_set_server(new, 1, sd_id128_t()) >= 0,
            sd_bus_set_trusted(new, 1) >= 0, sd_bus_start(new) >= 0
        else { return nil }
    }

    deinit { sd_bus_flush_close_unref(bus) }

    var descriptor: pollfd {
        let events = Int16(truncatingIfNeeded: sd_bus_get_events(bus))
        return pollfd(fd: sd_bus_get_fd(bus), events: events, revents: 0)
    }

    /// Answers what came in; false when the connection is over.
    func process(_ answer: (FakeCall) -> Bool) -> Bool {
        while true {
            var message: OpaquePointer?
            let result = sd_bus_process(bus, &message)
            guard result > 0 else { return result == 0 }
            guard let message else { continue }
            defer { sd_bus_message_unref(message) }
            guard sd_bus_message_is_method_call(message, nil, nil) > 0 else { continue }
            guard answer(FakeCall(message, self)) else { return false }
        }
    }

    func jobRemoved(_ job: String, _ unit: String, _ result: String) {
        var signal: OpaquePointer?
        sd_bus_message_new_signal(
            bus, &signal, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", "JobRemoved")
        var number: UInt32 = 7
        sd_bus_message_append_basic(signal, CChar(UInt8(ascii: "u")), &number)
        sd_bus_message_append_basic(signal, CChar(UInt8(ascii: "o")), job)
        sd_bus_message_append_basic(signal, CChar(UInt8(ascii: "s")), unit)
        sd_bus_message_append_basic(signal, CChar(UInt8(ascii: "s")), result)
        sd_bus_send(bus, signal, nil)
        sd_bus_message_unref(signal)
    }

    fileprivate func send(_ message: OpaquePointer?) {
        sd_bus_send(bus, message, nil)
        sd_bus_message_unref(message)
    }
}

/// A method call whose arguments are strings.
struct FakeCall {
    let connection: FakeConnection
    let member: String
    let path: String
    let arguments: [String]
    private let message: OpaquePointer

    init(_ message: OpaquePointer, _ connection: FakeConnection) {
        self.message = message
        self.connection = connection
        member = sd_bus_message_get_member(message).map { String(cString: $0) } ?? ""
        path = sd_bus_message_get_path(message).map { String(cString: $0) } ?? ""
        var arguments: [String] = []
        var text: UnsafePointer<CChar>?
        while withUnsafeMutablePointer(
            to: &text, { sd_bus_message_read_basic(message, CChar(UInt8(ascii: "s")), $0) }) > 0
        {
            if let text { arguments.append(String(cString: text)) }
        }
        self.arguments = arguments
    }

    static func path(of unit: String) -> String {
        var path: UnsafeMutablePointer<CChar>?
        guard sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path) >= 0, let path else { return "" }
        defer { free(path) }
        return String(cString: path)
    }

    func reply(_ type: Unicode.Scalar? = nil, _ text: String = "") {
        var reply: OpaquePointer?
        sd_bus_message_new_method_return(message, &reply)
        if let type { sd_bus_message_append_basic(reply, CChar(truncatingIfNeeded: type.value), text) }
        connection.send(reply)
    }

    /// - Parameters:
    ///   - type: of the items, of which a `b` is yes.
    ///   - isArray: they are in an array, each in a struct when there are several in one; else there is one.
    func replyVariant(_ items: [[String]], _ type: String = "s", isArray: Bool = false) {
        var reply: OpaquePointer?
        sd_bus_message_new_method_return(message, &reply)
        func inside(_ container: Character, _ contents: String, _ body: () -> Void) {
            sd_bus_message_open_container(reply, CChar(container.asciiValue ?? 0), contents)
            body()
            sd_bus_message_close_container(reply)
        }
        func append(_ item: [String]) {
            for (text, type) in zip(item, type.utf8) {
                var yes: Int32 = 1
                if type == UInt8(ascii: "b") {
                    sd_bus_message_append_basic(reply, CChar(type), &yes)
                } else if type == UInt8(ascii: "t") {
                    var number = UInt64(text) ?? 0
                    sd_bus_message_append_basic(reply, CChar(type), &number)
                } else {
                    sd_bus_message_append_basic(reply, CChar(type), text)
                }
            }
        }
        let item = type.count > 1 ? "(\(type))" : type
        inside("v", isArray ? "a" + item : type) {
            guard isArray else { return items.forEach(append) }
            inside("a", item) {
                for item in items {
                    if type.count > 1 { inside("r", type) { append(item) } } else { append(item) }
                }
            }
        }
        connection.send(reply)
    }

    func fail(_ name: String, _ text: String) {
        var reply: OpaquePointer?
        var error = sd_bus_error()
        name.withCString { name in
            text.withCString { text in
                error.name = name
                error.message = text
                _ = sd_bus_message_new_method_error(message, &reply, &error)
            }
        }
        connection.send(reply)
    }
}
