import Systemd

/// Somebody on this machine who uses a published connection string and has to be told of a new one.
package struct Consumer: Hashable, Sendable {
    package enum Means: Hashable, Sendable {
        /// A systemd unit, which is reloaded or restarted.
        case unit(String, UnitVerb)
        /// The unit that makes an encrypted credential of what is published. It comes before all others of a resource,
        /// which may read the credential.
        case credential(String, key: String, unit: String)
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

    package static func credential(_ name: String, key: String, unit: String) -> Consumer {
        Consumer(means: .credential(name, key: key, unit: unit), timeout: nil)
    }

    package static func run(_ arguments: [String], timeout: Duration? = nil) -> Consumer {
        Consumer(means: .command(arguments), timeout: timeout)
    }

    var isCredential: Bool {
        if case .credential = means { true } else { false }
    }

    package var id: ConsumerID { ConsumerID(self) }
}
