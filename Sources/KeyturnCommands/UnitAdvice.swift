import Daemon
import Glibc
import KeyturnConfig
import Systemd

/// What this machine says of the units that a configuration names: advice, for the daemon works without it, or will.
struct UnitAdvice {
    private let manager = ServiceManager()
    let loaded: LoadedConfiguration

    func warnings() async -> [Diagnostic] {
        let units = await unitWarnings()
        // What is wrong with the unit itself comes first.
        return units + grantWarnings().filter { grant in !units.contains { $0.mark == grant.mark } }
    }

    private func unitWarnings() async -> [Diagnostic] {
        var warnings: [Diagnostic] = []
        let secrets = loaded.configuration.secrets.directory
        // Below which directory the units of a rule read is not known before something is discovered.
        let told =
            loaded.configuration.resources.map { ("\(secrets)/\($0.name)", $0.reload, $0.encrypt?.name) }
            + loaded.configuration.discover.map { (secrets, $0.reload, nil) }
        for (directory, reload, credential) in told {
            for entry in reload {
                do throws(BusFailure) {
                    let facts = try await manager.facts(of: entry.unit, timeout: .seconds(5))
                    warnings += Self.warnings(entry, facts, directory, credential: credential)
                } catch .answered(_, let message) {
                    warnings.append(
                        Diagnostic(.warning, "systemd says of unit '\(entry.unit)': \(message)", at: entry.mark))
                } catch {
                    // Without a systemd there is nobody to ask.
                    return warnings
                }
            }
        }
        return warnings
    }

    /// - Parameters:
    ///   - directory: where the resource's secrets are.
    ///   - credential: the name of its encrypted credential.
    static func warnings(
        _ entry: Configuration.UnitToReload, _ facts: UnitFacts?, _ directory: String, credential: String? = nil
    ) -> [Diagnostic] {
        let unit = entry.unit
        guard let facts else {
            return [
                Diagnostic(
                    .warning, "there is no unit '\(unit)' on this machine", hint: "is it installed?", at: entry.mark)
            ]
        }
        var warnings: [Diagnostic] = []
        if facts.id != unit {
            warnings.append(
                Diagnostic(
                    .warning, "'\(unit)' is another name for '\(facts.id)'", hint: "write that, for polkit goes by it",
                    at: entry.mark))
        }
        let verb = entry.verb.unitVerb
        let instead = "write {unit: \(unit), verb: \(UnitVerb.tryRestart.rawValue)}"
        if verb == .reload, !facts.canReload {
            warnings.append(
                Diagnostic(
                    .warning, "\(unit) has no ExecReload=, so that a reload fails", hint: instead, at: entry.mark))
        } else if verb.reloads, facts.canReload,
            let source = facts.readAtStartOnly(below: directory, credential: credential).first
        {
            warnings.append(
                Diagnostic(
                    .warning,
                    "\(unit) reads \(source.path) (\(source.setting)) only when it starts, and a reload does not change"
                        + " that",
                    hint: instead, at: entry.mark))
        }
        return warnings
    }

    /// Those of the daemon's grants that are not there; nothing when nobody can tell: who may not read polkit's rules, or
    /// a machine without the daemon's user.
    private func grantWarnings() -> [Diagnostic] {
        let directory = RulesDirectory(path: RulesDirectory.usualPath)
        guard getpwnam(RulesDirectory.usualUser) != nil, directory.exists, let others = RulesDirectory.others() else {
            return []
        }
        let needed = loaded.unitNeeds
        let rules = PolkitRules(user: RulesDirectory.usualUser, grants: needed.map(\.grant))
        let missing = rules.missing(in: RulesDirectory.text(of: directory.file) ?? "")
        return needed.filter { need in
            // A rule of the administrator's own that names the unit is taken to allow it.
            missing.contains(need.grant) && !others.contains { $0.contains(need.grant.unit) }
        }.map { need in
            Diagnostic(
                .warning,
                "the user '\(RulesDirectory.usualUser)' may not \(need.verb.rawValue) \(need.grant.unit) yet",
                hint: "'systemctl reload keyturn' or 'sudo keyturn polkit-rule --install' allows it", at: need.mark)
        }
    }
}
