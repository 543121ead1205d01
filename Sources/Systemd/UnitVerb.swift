/// What the service manager may be asked to do to a unit, by the names of systemctl(1)'s commands.
package enum UnitVerb: String, CaseIterable, Sendable {
    case tryReloadOrRestart = "try-reload-or-restart"
    case reloadOrRestart = "reload-or-restart"
    case restart
    case reload
    case tryRestart = "try-restart"

    /// The method of `org.freedesktop.systemd1.Manager`; see org.freedesktop.systemd1(5).
    var method: String {
        switch self {
        case .tryReloadOrRestart: "ReloadOrTryRestartUnit"
        case .reloadOrRestart: "ReloadOrRestartUnit"
        case .restart: "RestartUnit"
        case .reload: "ReloadUnit"
        case .tryRestart: "TryRestartUnit"
        }
    }

    /// What polkit is told in the detail `verb` of `org.freedesktop.systemd1.manage-units`.
    package var polkitVerb: String {
        switch self {
        case .tryReloadOrRestart: "reload-or-try-restart"
        case .reloadOrRestart, .restart, .reload, .tryRestart: rawValue
        }
    }

    /// Leaves a running process in place, if the unit has a way to reload.
    package var reloads: Bool {
        switch self {
        case .tryReloadOrRestart, .reloadOrRestart, .reload: true
        case .restart, .tryRestart: false
        }
    }

    /// Starts a unit that does not run.
    package var starts: Bool {
        switch self {
        case .reloadOrRestart, .restart: true
        case .tryReloadOrRestart, .reload, .tryRestart: false
        }
    }
}
