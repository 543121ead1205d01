import Rotation
import RotationEngine

/// What the daemon has noticed of the strings that hands put in place: it reads the files, compares them with a listing,
/// and keeps what it found.
extension World {
    func wasRead(_ event: Event, _ resource: ManagedResource) {
        guard let file = file(named: resource.name) else { return }
        checkLooks(file)
        files[file].lookedAt = now
        if files[file].notice != .kept { files[file].notice = files[file].key == nil ? .none : .read }
        guard case .secretsRead(nil) = event else { return }
        if !ledger.rows.values.contains(where: { $0.id == resource.id && $0.record.current != nil }) {
            // Ledger and files are lost, and with them what was promised.
            files[file].notice = .none
            files[file].replaced = []
        }
    }

    func wasCompared(_ service: Int) {
        for file in files.indices where files[file].service == service && files[file].notice == .read {
            files[file].notice = .listed
        }
    }

    func wasKept(_ rotation: StoredRotation) {
        if let service = index(of: rotation.id) {
            facts[service].isContradictionKept = true
            facts[service].unkeptSince = nil
        }
        guard let file = file(named: rotation.name), files[file].notice == .listed else { return }
        files[file].notice = .kept
    }

    func isForgotten() {
        for service in facts.indices { forgetContradiction(service) }
        for file in files.indices where files[file].notice != .kept { files[file].notice = .none }
    }

    /// The daemon could not keep what it was just shown.
    func forgetContradiction(_ service: Int) {
        if !facts[service].isContradictionKept { facts[service].contradiction = nil }
        guard let since = facts[service].unkeptSince else { return }
        facts[service].unkeptSince = nil
        for key in services[service].living where services[service].keys[key].knownAt ?? .distantPast >= since {
            services[service].keys[key].knownAt = nil
        }
    }
}
