import AzureKeys
import Daemon
import EventCatalog
import KeyMaterial
import KeyturnConfig
import Rotation
import SecretsDirectory

/// Asks Azure about one resource: what a rotation needs, one after the other, and nothing that changes anything.
struct ResourceCheck: Sendable {
    let resource: Configuration.Resource
    let loaded: LoadedConfiguration
    let clients: AzureClients

    private static let actions = "Microsoft.Communication/communicationServices"

    func run(_ result: inout OnlineReport.Resource) async {
        guard await read(&result) else { return }
        let allowed = await permissions(&result)
        await locks(&result)
        let listing = await listKeys(&result, allowed)
        regenerateKey(&result, allowed)
        let key = published(&result, listing)
        if let key { await probe(&result, key) }
    }

    /// GET of the resource. False when Azure cannot be asked about it at all.
    private func read(_ result: inout OnlineReport.Resource) async -> Bool {
        do throws(Failure) {
            let service = try await clients.resourceManager.get(resource.id)
            result.read = .ok
            switch service.disableLocalAuth {
            case true?:
                result.keyAuthentication = .no
                result.problems.append(
                    OnlineProblem(
                        .probeUnusable,
                        "The resource takes Microsoft Entra tokens only (disableLocalAuth): every access"
                            + " key of it is refused.",
                        advice:
                            "az resource update --ids \(resource.id) --set properties.disableLocalAuth=false; or remove"
                            + " the resource from the configuration, for nobody can use its keys."))
            case false?: result.keyAuthentication = .ok
            case nil: result.keyAuthentication = .unknown
            }
            if service.publicNetworkAccess?.lowercased() == "disabled" {
                result.problems.append(
                    OnlineProblem(
                        .probeUnreachable, "The resource is closed to public networks (publicNetworkAccess).",
                        severity: .warning, advice: "Make sure that this machine reaches it by a private endpoint."))
            }
            return true
        } catch {
            switch error.reason {
            case .forbidden:
                result.read = .no
                result.keyAuthentication = .unknown
                result.problems.append(
                    OnlineProblem(
                        .forbidden,
                        "\(Self.actions)/read is not allowed, so that it cannot be told whether the resource takes keys at"
                            + " all; a rotation does not need it.", severity: .warning, advice: Self.grant(resource.id))
                )
                return true
            case .unauthenticated:
                result.token = .no
                result.problems.append(OnlineCheck.problem(error, of: resource.credential))
            default:
                result.read = error.reason == .notFound ? .no : .unknown
                result.problems.append(OnlineProblem(error))
            }
            return false
        }
    }

    private static func grant(_ id: ResourceID) -> String {
        "'keyturn check --role' prints a role that allows what is needed, for 'az role definition create --role-definition"
            + " FILE'; then: az role assignment create --assignee IDENTITY --role '\(RotatorRole.name)' --scope \(id)"
            + " (a new assignment takes up to ten minutes)."
    }

    /// nil when it cannot be told.
    private func permissions(_ result: inout OnlineReport.Resource) async -> PermissionSet? {
        do throws(Failure) {
            return try await clients.resourceManager.permissions(on: resource.id)
        } catch {
            result.problems.append(
                OnlineProblem(
                    error.reason,
                    "What the identity may do could not be listed, so that nobody knows whether it may regenerate:"
                        + " \(error.detail)",
                    severity: .warning,
                    advice:
                        "Nothing, if a rotation has succeeded; else allow it Microsoft.Authorization/permissions/read.")
            )
            return nil
        }
    }

    /// What is listed is only told here; whether it counts, `listKeys` shows.
    private func locks(_ result: inout OnlineReport.Resource) async {
        guard let locks = try? await clients.resourceManager.locks(on: resource.id) else {
            result.unlocked = .unknown
            return
        }
        result.locks = locks.map { OnlineReport.Lock(name: $0.name, level: $0.level, scope: $0.scope) }
        result.unlocked = .ok
        for lock in locks where lock.forbidsKeys {
            result.unlocked = .no
            result.problems.append(
                OnlineProblem(
                    .locked,
                    "The lock '\(lock.name)' (\(lock.level)) on \(lock.scope) forbids listKeys and regenerateKey.",
                    advice: "az lock delete --ids \(lock.scope)/providers/Microsoft.Authorization/locks/\(lock.name)"
                        + " (a CanNotDelete lock in its place does no harm)."))
        }
    }

    private func listKeys(_ result: inout OnlineReport.Resource, _ allowed: PermissionSet?) async -> KeyListing? {
        do throws(Failure) {
            let listing = try await clients.resourceManager.listKeys(resource.id)
            result.listKeys = .ok
            if result.unlocked == .unknown { result.unlocked = .ok }
            return listing
        } catch {
            switch error.reason {
            case .forbidden:
                result.listKeys = .no
                result.problems.append(missing("listKeys", error))
            case .locked:
                result.listKeys = allowed?.allows("\(Self.actions)/listKeys/action") == true ? .ok : .unknown
                if result.unlocked != .no { result.problems.append(OnlineProblem(error)) }
                result.unlocked = .no
            case .unauthenticated:
                result.token = .no
                result.problems.append(OnlineCheck.problem(error, of: resource.credential))
            default:
                result.listKeys = .unknown
                result.problems.append(OnlineProblem(error))
            }
            return nil
        }
    }

    private func missing(_ operation: String, _ failure: Failure? = nil) -> OnlineProblem {
        let id = failure?.requestID.map { " (request id \($0))" } ?? ""
        return OnlineProblem(
            .forbidden, "The identity may not do \(Self.actions)/\(operation)/action on \(resource.id)\(id)",
            advice: Self.grant(resource.id))
    }

    /// It cannot be tried, so that what is listed has to be believed, unless it is known to be wrong.
    private func regenerateKey(_ result: inout OnlineReport.Resource, _ allowed: PermissionSet?) {
        guard let allowed else {
            result.regenerateKey = .unknown
            return
        }
        if allowed.allows("\(Self.actions)/regenerateKey/action") {
            result.regenerateKey = .ok
        } else if result.listKeys == .ok, !allowed.allows("\(Self.actions)/listKeys/action") {
            result.regenerateKey = .unknown
            result.problems.append(
                OnlineProblem(
                    .forbidden,
                    "Azure lists neither action as allowed, yet listKeys is: what it lists is not up to date.",
                    severity: .warning, advice: "Check again in ten minutes."))
        } else {
            result.regenerateKey = .no
            result.problems.append(missing("regenerateKey"))
        }
    }

    /// What consumers read now, compared with what Azure lists; returns the connection string to try.
    private func published(_ result: inout OnlineReport.Resource, _ listing: KeyListing?) -> ConnectionString? {
        let published: PublishedSecret?
        do throws(Failure) {
            published = try loaded.published(resource.name)
        } catch {
            result.problems.append(
                OnlineProblem(
                    .publishFailed, "What is published could not be read: \(error.detail)",
                    severity: .warning, advice: "Run this as root, or as the daemon's user."))
            return nil
        }
        guard let fingerprint = published?.fingerprint else {
            result.published = .nothing
            return listing?.primary
        }
        guard let listing else { return nil }
        for keyType in KeyType.allCases where listing[keyType].fingerprint == fingerprint {
            result.published = keyType == .primary ? .primary : .secondary
            return listing[keyType]
        }
        result.published = .stale
        result.problems.append(
            OnlineProblem(
                .currentKeyChanged,
                "The published key, of fingerprint \(fingerprint), is none of those that Azure lists, so that it is dead.",
                advice:
                    "A running daemon publishes a living one at its next look: see 'keyturn status \(resource.name)'."
                    + " Else start it."))
        return nil
    }

    private func probe(_ result: inout OnlineReport.Resource, _ key: ConnectionString) async {
        switch await clients.probe.probe(key) {
        case .succeeded: result.probe = .ok
        case .denied(let failure):
            result.probe = .no
            // That no key is taken was told.
            guard result.keyAuthentication != .no else { return }
            result.problems.append(
                OnlineProblem(
                    .probeUnusable, "\(failure.detail), although Azure lists it.", advice: Reason.probeUnusable.advice))
        case .inconclusive(let failure):
            result.probe = .unknown
            // Without verification no rotation depends on it.
            let severity = resource.policy.verification == nil ? OnlineProblem.Severity.warning : .error
            result.problems.append(OnlineProblem(failure, severity: severity))
        }
    }
}
