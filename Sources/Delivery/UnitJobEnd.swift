import Rotation
import Systemd

/// How a job of a unit ended, as an operator is to be told.
struct UnitJobEnd: Sendable {
    /// nil: the unit has, or will have when it starts, the new connection string.
    let failure: String?
    /// It did not run, and was left so.
    let isNotRunning: Bool

    init(
        _ manager: ServiceManager, _ verb: UnitVerb, _ unit: String, publishedAt: Instant, timeout: Duration
    ) async {
        var own = unit
        let problem: String?
        let wasLeft: Bool
        do throws(ServiceManager.Refusal) {
            let job = try await manager.run(verb, unit, timeout: timeout)
            own = job.unit
            // What does not run is no failure to reload, but systemd calls it one (`ReloadUnit`).
            wasLeft = job.wasInactive && !verb.starts
            if wasLeft, let failedAt = job.failedAt.map({ Instant(unixMicroseconds: $0) }), failedAt >= publishedAt {
                // Perhaps our own restart took it down: it holds no key, but nor does it serve anybody.
                problem = Self.explainFailed(own)
            } else {
                problem = job.result == "done" || wasLeft ? nil : Self.explain(job.result, own)
            }
        } catch {
            own = error.unit.isEmpty ? unit : error.unit
            wasLeft = error.wasInactive && !verb.starts && Self.isMasked(error.failure)
            problem = wasLeft ? nil : Self.explain(error.failure, verb, own, named: unit, timeout)
        }
        isNotRunning = wasLeft && problem == nil
        failure = problem.map { "\(unit): \(verb.rawValue) \($0)" }
    }

    private static func explainFailed(_ unit: String) -> String {
        "found that it failed after the new connection string was published; look at 'systemctl status \(unit)', then start"
            + " it, or say 'systemctl reset-failed \(unit)' if it is not to run"
    }

    private static func isMasked(_ failure: BusFailure) -> Bool {
        if case .answered("org.freedesktop.systemd1.UnitMasked", _) = failure { true } else { false }
    }

    /// By the results of `JobRemoved` in org.freedesktop.systemd1(5).
    private static func explain(_ result: String, _ unit: String) -> String {
        let look = "look at 'systemctl status \(unit)' and 'journalctl -u \(unit)'"
        switch result {
        case "failed": return "failed (job result 'failed'); \(look)"
        case "timeout": return "took longer than the unit allows (job result 'timeout'); \(look)"
        case "canceled": return "was cancelled by another job (job result 'canceled'); it is tried again"
        case "dependency": return "failed because a unit that it needs did (job result 'dependency'); \(look)"
        default: return "was not done (job result '\(result)'); \(look)"
        }
    }

    private static func explain(
        _ failure: BusFailure, _ verb: UnitVerb, _ unit: String, named: String, _ timeout: Duration
    ) -> String {
        switch failure {
        case .timedOut:
            return "did not end within \(TimeSpan.describe(timeout)); look at 'systemctl list-jobs'"
        case .cancelled:
            return "was not waited for because keyturn is stopping"
        case .unavailable(let cause):
            return "could not be asked for: the system bus: \(cause)"
        case .answered(let name, let message):
            return explain(name, message, verb, unit, named: named)
        }
    }

    private static func explain(
        _ name: String, _ message: String, _ verb: UnitVerb, _ unit: String, named: String
    ) -> String {
        switch name {
        case "org.freedesktop.systemd1.NoSuchUnit", "org.freedesktop.systemd1.LoadFailed":
            return "was refused: \(message) Is it installed, and its name right?"
        case "org.freedesktop.systemd1.UnitMasked":
            return "was refused: the unit is masked; 'systemctl unmask \(unit)', or take it out of the configuration"
        case "org.freedesktop.systemd1.JobTypeNotApplicable":
            return "was refused: the unit has no ExecReload=; use verb: \(UnitVerb.tryRestart.rawValue)"
        case "org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.AuthFailed",
            "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
            "org.freedesktop.PolicyKit1.Error.NotAuthorized":
            guard unit == named else {
                return "was refused: it is another name for \(unit); write that in the configuration"
            }
            return "was refused: keyturn's user may not do that; 'sudo keyturn polkit-rule --install' allows it"
        case "org.freedesktop.DBus.Error.NoReply", "org.freedesktop.DBus.Error.NameHasNoOwner",
            "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.Disconnected":
            return "was not answered by systemd, which may just be starting anew (\(message)); it is tried again"
        default:
            return "was refused: \(message) (\(name))"
        }
    }
}
