/// A large value behind one pointer, so that what holds it is short to copy. It never changes: who wants another value
/// makes another box.
package final class Boxed<Value: Hashable & Sendable>: Hashable, Sendable {
    package let value: Value

    package init(_ value: consuming Value) {
        self.value = value
    }

    /// At a glance where one was copied from the other.
    package static func == (left: Boxed, right: Boxed) -> Bool {
        left === right || left.value == right.value
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(value)
    }
}
