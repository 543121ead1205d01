import ArgumentParser
import Daemon
import Glibc
import KeyturnConfig
import Ledger
import Rotation
import RotationEngine

/// Keeps a one-shot regenerate from breaking the laws of a daemon that manages the same resource, or has managed it and
/// will again: takes turns with it by the ledger's lock, and asks the rules.
struct OneShotGuard {
    let target: RegenerateTarget
    /// nil: there is no configuration, so no daemon of it either.
    let loaded: LoadedConfiguration?
    let client: ControlClient

    func withTurn(_ body: (Instant) async throws -> Void) async throws {
        let now = SystemClock().now
        guard let loaded, access(loaded.configuration.state.directory, F_OK) == 0 else { return try await body(now) }
        let ledger: Ledger
        do {
            ledger = try Ledger.open(
                directory: loaded.configuration.state.directory, role: "regenerate", replacesDamaged: false)
        } catch .alreadyOpen(let path, let holder) {
            try await askDaemon(path, holder)
            return try await body(now)
        } catch {
            // Without what is on record nothing tells which key consumers use, or were promised.
            printError("keyturn: \(error.description); nothing is regenerated")
            throw ExitStatus.configuration
        }
        defer { ledger.close() }
        try checkLaws(loaded, ledger, now)
        try await body(now)
    }

    /// Somebody holds the ledger: a daemon that does not manage the resource has nothing against it.
    private func askDaemon(_ path: String, _ holder: LedgerLock.Holder?) async throws {
        let who = holder.map { "process \($0.pid) (keyturn \($0.role))" } ?? "another keyturn"
        guard let report = try? await client.status() else {
            printError("keyturn: \(who) is at work on \(path) and does not answer; try again when it has ended")
            throw ExitStatus.temporary
        }
        let managed = report.resources.first { resource in (try? ResourceID(resource.id)) == target.id }
        guard let managed else { return }
        printError(
            "keyturn: \(managed.name) is managed by the running daemon (\(who)); use: keyturn rotate \(managed.name)")
        throw ExitStatus.temporary
    }

    /// No daemon runs, but the configuration names the resource: what the daemon published has to go on working.
    private func checkLaws(_ loaded: LoadedConfiguration, _ ledger: Ledger, _ now: Instant) throws {
        let discovered = try DiscoveredResource.read(try ledger.discovered(), from: ledger.path)
        let loaded = loaded.enrolling(discovered).0
        guard let resource = loaded.resources.first(where: { $0.id == target.id }) else { return }
        let name = resource.name
        let published: KeyType?
        do {
            published = try loaded.publishedKeyType(name)
        } catch {
            throw refuse("which key consumers of \(name) use cannot be read: \(error.detail)")
        }
        if published == target.keyType {
            throw refuse(
                "\(target.keyType) is the key that consumers of \(name) use now; regenerate \(target.keyType.other)")
        }
        // Under whatever name: the configuration may have changed since it was written.
        guard let row = try ledger.rows().first(where: { (try? ResourceID($0.resourceID)) == target.id }) else {
            return
        }
        let record = try JSONText.decode(RotationRecord.self, from: row.state.utf8)
        let machine = RotationMachine(settings: resource.settings, record: record)
        guard machine.nextKeyType == target.keyType else {
            throw refuse("\(target.keyType) is published for \(name); regenerate \(target.keyType.other)")
        }
        if let blocker = machine.rotationRefusal(now) { throw refuse("\(name): \(blocker.explanation(name))") }
    }

    private func refuse(_ sentence: String) -> ExitCode {
        printError("keyturn: \(sentence)")
        return ExitStatus.temporary
    }
}
