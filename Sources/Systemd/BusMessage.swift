import CSystemd
import Glibc

/// A message of sd-bus: what is appended to it before it is sent, or read from it in the order in which it stands there.
final class BusMessage {
    let raw: OpaquePointer

    /// - Parameter raw: becomes this object's own.
    init(taking raw: OpaquePointer) {
        self.raw = raw
    }

    deinit { sd_bus_message_unref(raw) }

    func append(_ text: String) throws(BusFailure) {
        try check(
            text.withCString { sd_bus_message_append_basic(raw, Self.type("s"), $0) }, "sd_bus_message_append_basic")
    }

    /// The next value, of type `s` or `o`.
    func text(_ type: Unicode.Scalar = "s") throws(BusFailure) -> String {
        var text: UnsafePointer<CChar>?
        let result = withUnsafeMutablePointer(to: &text) { sd_bus_message_read_basic(raw, Self.type(type), $0) }
        guard try check(result, "sd_bus_message_read_basic") > 0, let text else {
            throw .unavailable("an answer is shorter than it should be")
        }
        return String(cString: text)
    }

    /// The next value, of type `b`.
    func boolean() throws(BusFailure) -> Bool {
        var value: Int32 = 0
        let result = withUnsafeMutablePointer(to: &value) { sd_bus_message_read_basic(raw, Self.type("b"), $0) }
        guard try check(result, "sd_bus_message_read_basic") > 0 else {
            throw .unavailable("an answer is shorter than it should be")
        }
        return value != 0
    }

    /// The next value, of type `t`.
    func number() throws(BusFailure) -> UInt64 {
        var value: UInt64 = 0
        let result = withUnsafeMutablePointer(to: &value) { sd_bus_message_read_basic(raw, Self.type("t"), $0) }
        guard try check(result, "sd_bus_message_read_basic") > 0 else {
            throw .unavailable("an answer is shorter than it should be")
        }
        return value
    }

    func skip(_ types: String) throws(BusFailure) {
        try check(sd_bus_message_skip(raw, types), "sd_bus_message_skip")
    }

    /// The next value, which is a variant, by `read`.
    func variant<Value>(
        _ type: String, _ read: (BusMessage) throws(BusFailure) -> Value
    ) throws(BusFailure) -> Value {
        guard try enter("v", type) else { throw .unavailable("an answer is shorter than it should be") }
        let value = try read(self)
        try leave()
        return value
    }

    /// The items of the next value, which is an array, by `read`.
    ///
    /// - Parameter type: of each: a basic one, or a struct, whose members are read.
    func items<Item>(_ type: String, _ read: (BusMessage) throws(BusFailure) -> Item) throws(BusFailure) -> [Item] {
        let isStruct = type.hasPrefix("(")
        var items: [Item] = []
        guard try enter("a", type) else { throw .unavailable("an answer is shorter than it should be") }
        while sd_bus_message_at_end(raw, 0) == 0 {
            if isStruct { _ = try enter("r", String(type.dropFirst().dropLast())) }
            items.append(try read(self))
            if isStruct { try leave() }
        }
        try leave()
        return items
    }

    private func enter(_ type: Unicode.Scalar, _ contents: String) throws(BusFailure) -> Bool {
        let entered = sd_bus_message_enter_container(raw, Self.type(type), contents)
        return try check(entered, "sd_bus_message_enter_container") > 0
    }

    private func leave() throws(BusFailure) {
        try check(sd_bus_message_exit_container(raw), "sd_bus_message_exit_container")
    }

    /// The error that it carries instead of an answer.
    var error: BusFailure? {
        guard let error = sd_bus_message_get_error(raw)?.pointee, let name = error.name else { return nil }
        let message = error.message.map { String(cString: $0) } ?? ""
        return .answered(name: String(cString: name), message: message)
    }

    /// The cookie of the message that it answers.
    var replyCookie: UInt64? {
        var cookie: UInt64 = 0
        return sd_bus_message_get_reply_cookie(raw, &cookie) >= 0 ? cookie : nil
    }

    func isSignal(_ interface: String, _ member: String) -> Bool {
        sd_bus_message_is_signal(raw, interface, member) > 0
    }

    private static func type(_ scalar: Unicode.Scalar) -> CChar { CChar(truncatingIfNeeded: scalar.value) }

    @discardableResult
    private func check(_ result: Int32, _ function: String) throws(BusFailure) -> Int32 {
        guard result >= 0 else { throw .unavailable(SystemdError(function, result: result).description) }
        return result
    }
}
