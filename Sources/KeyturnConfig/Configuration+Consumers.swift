extension Configuration {
    /// An entry of `reload`.
    package struct UnitToReload: Hashable, Sendable {
        /// What is done to the unit, by the names of systemctl(1)'s commands.
        package enum Verb: String, CaseIterable, Sendable {
            case reloadOrRestart = "reload-or-restart"
            case restart
            case reload
            case tryRestart = "try-restart"
            /// When nothing is said: unlike `reloadOrRestart` it does not start what an administrator stopped.
            case tryReloadOrRestart = "try-reload-or-restart"
        }

        package let unit: String
        package let verb: Verb
        /// nil: the usual one.
        package let timeout: Duration?
        /// Where the unit is named.
        package let mark: SourceMark
    }

    /// What `encrypt` says.
    package struct EncryptedCredential: Hashable, Sendable {
        /// What it is encrypted with, as `systemd-creds --with-key=` has it.
        package enum Key: String, CaseIterable, Sendable {
            case host, tpm2, auto
        }

        /// Its name, which is also that of its file.
        package let name: String
        package let key: Key
        /// Where it is named.
        package let mark: SourceMark
    }

    /// An entry of `run`.
    package struct CommandToRun: Hashable, Sendable {
        /// An absolute path, and arguments. No shell is involved.
        package let words: [String]
        /// nil: the usual one.
        package let timeout: Duration?
    }
}
