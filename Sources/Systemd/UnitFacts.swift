import Glibc

/// What is to be known of a unit to tell it of new files.
package struct UnitFacts: Hashable, Sendable {
    /// A setting of the unit that names a file or a credential: `LoadCredential=`, `EnvironmentFile=`, …
    package struct Source: Hashable, Sendable {
        package let setting: String
        package let path: String

        package init(setting: String, path: String) {
            self.setting = setting
            self.path = path
        }
    }

    /// The unit's own name, should it have been asked for by an alias.
    package let id: String
    /// It has a way to reload, such as `ExecReload=`.
    package let canReload: Bool
    /// The files from which it gets what it is told when it starts.
    package let sources: [Source]
    /// `RefreshOnReload=credentials`, which systemd has since version 260: a reload fetches credentials anew.
    package let refreshesCredentials: Bool

    package init(id: String, canReload: Bool, sources: [Source], refreshesCredentials: Bool) {
        self.id = id
        self.canReload = canReload
        self.sources = sources
        self.refreshesCredentials = refreshesCredentials
    }

    /// nil when there is no such unit.
    init?(of unit: String, _ bus: BusConnection) throws(BusFailure) {
        let state = try UnitState(of: unit, bus)
        guard state.loadState != "not-found" else { return nil }
        id = state.id
        canReload = try bus.property(unit, "org.freedesktop.systemd1.Unit", "CanReload", "b") {
            message throws(BusFailure) in
            try message.boolean()
        }
        var sources: [Source] = []
        for setting in ["LoadCredential", "LoadCredentialEncrypted"] {
            let paths = try Self.items(unit, bus, setting, "(ss)") { message throws(BusFailure) in
                try message.skip("s")
                return try message.text()
            }
            sources += paths.map { Source(setting: setting + "=", path: $0) }
        }
        // Since version 254.
        let globs = try Self.items(unit, bus, "ImportCredential", "s") { message throws(BusFailure) in
            try message.text()
        }
        sources += globs.map { Source(setting: "ImportCredential=", path: $0) }
        let files = try Self.items(unit, bus, "EnvironmentFiles", "(sb)") { message throws(BusFailure) in
            let path = try message.text()
            try message.skip("b")
            return path
        }
        self.sources = sources + files.map { Source(setting: "EnvironmentFile=", path: $0) }
        let refreshed = try Self.items(unit, bus, "RefreshOnReload", "s") { message throws(BusFailure) in
            try message.text()
        }
        refreshesCredentials = refreshed.contains("credentials")
    }

    /// The items of an array; none when it is no property of this unit: other kinds of units, and older systemds, lack
    /// some.
    private static func items(
        _ unit: String, _ bus: BusConnection, _ name: String, _ type: String,
        _ read: (BusMessage) throws(BusFailure) -> String
    ) throws(BusFailure) -> [String] {
        do throws(BusFailure) {
            return try bus.property(unit, "org.freedesktop.systemd1.Service", name, "a" + type) {
                message throws(BusFailure) in
                try message.items(type, read)
            }
        } catch .answered {
            return []
        }
    }

    /// What of them is in the directory, or is the encrypted credential, and is only read when the unit starts, whatever
    /// reloads it.
    package func readAtStartOnly(below directory: String, credential: String?) -> [Source] {
        sources.filter { source in
            let isMeant =
                source.path == directory || source.path.hasPrefix(directory + "/")
                || credential.map(source.isCredential) ?? false
            return isMeant && !(refreshesCredentials && source.setting != "EnvironmentFile=")
        }
    }
}

extension UnitFacts.Source {
    /// Where systemd looks for an encrypted credential that is named without a path (systemd.exec(5)).
    fileprivate func isCredential(_ name: String) -> Bool {
        switch setting {
        case "LoadCredentialEncrypted=": path == name || path == "/etc/credstore.encrypted/\(name)"
        case "ImportCredential=": fnmatch(path, name, 0) == 0
        default: false
        }
    }
}
