/// Somebody on this machine who uses a published connection string and has to be told of a new one.
package enum Consumer: Hashable, Sendable {
    /// A systemd unit: `systemctl reload-or-restart`.
    case reload(unit: String)
    /// A command and its arguments, executed without a shell. The first is a path, or a name looked up in the `PATH`
    /// that the command is given.
    case run([String])

    package var id: ConsumerID { ConsumerID(self) }
}
