import CSystemd
import Glibc

/// A few properties of a unit, read at one time.
struct UnitState {
    /// Its own name, when it was asked for by an alias.
    let id: String
    let loadState: String
    let activeState: String
    /// When its state changed last, in microseconds since 1970, if it is `failed`.
    let failedAt: Int64?

    init(id: String, loadState: String, activeState: String) {
        failedAt = nil
        self.id = id
        self.loadState = loadState
        self.activeState = activeState
    }

    init(of unit: String, _ bus: BusConnection) throws(BusFailure) {
        func text(_ name: String) throws(BusFailure) -> String {
            try bus.property(unit, "org.freedesktop.systemd1.Unit", name, "s") { message throws(BusFailure) in
                try message.text()
            }
        }
        id = try text("Id")
        loadState = try text("LoadState")
        activeState = try text("ActiveState")
        guard activeState == "failed" else {
            failedAt = nil
            return
        }
        failedAt = try bus.property(unit, "org.freedesktop.systemd1.Unit", "StateChangeTimestamp", "t") {
            message throws(BusFailure) in Int64(clamping: try message.number())
        }
    }

    /// No process of it runs, nor is about to.
    var isInactive: Bool { activeState == "inactive" || activeState == "failed" }
}

extension BusConnection {
    /// A property of a unit. Reading it loads the unit, which needs no permission.
    func property<Value>(
        _ unit: String, _ interface: String, _ name: String, _ type: String,
        _ read: (BusMessage) throws(BusFailure) -> Value
    ) throws(BusFailure) -> Value {
        var path: UnsafeMutablePointer<CChar>?
        guard sd_bus_path_encode(ServiceManager.root + "/unit", unit, &path) >= 0, let path else {
            throw .unavailable("'\(unit)' cannot be made the path of an object")
        }
        defer { free(path) }
        return try call(
            ServiceManager.destination, String(cString: path), "org.freedesktop.DBus.Properties", "Get",
            [interface, name]
        ).variant(type, read)
    }
}
