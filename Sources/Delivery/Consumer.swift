import Systemd

/// Somebody on this machine who uses a published connection string and has to be told of a new one.
package struct Consumer: Hashable, Sendable {
    package enum Means: Hashable, Sendable {
        /// A systemd unit, which is reloaded or restarted.
        case unit(String, UnitVerb)
        /// A command and its arguments, executed without a shell. The first is a path, or a name looked up in the
        /// `PATH` that the command is given.
        case command([String])
    }

    package let means: Means
    /// How long telling it may take; nil: as long as the `Deliverer` says.
    package let timeout: Duration?

    package static func unit(_ unit: String, _ verb: UnitVerb, timeout: Duration? = nil) -> Consumer {
        Consumer(means: .unit(unit, verb), timeout: timeout)
    }

    package static func run(_ arguments: [String], timeout: Duration? = nil) -> Consumer {
        Consumer(means: .command(arguments), timeout: timeout)
    }

    package var id: ConsumerID { ConsumerID(self) }
}
