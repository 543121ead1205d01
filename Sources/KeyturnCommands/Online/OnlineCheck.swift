import AzureKeys
import Daemon
import Glibc
import KeyturnConfig
import Rotation

/// Asks Azure about every resource of a configuration, and changes nothing.
struct OnlineCheck: Sendable {
    let loaded: LoadedConfiguration
    let setup: AzureSetup

    /// Resources that are looked at at a time.
    private static let concurrency = 8

    private enum Access: Sendable {
        case clients(AzureClients)
        case refused(OnlineProblem)
    }

    func run() async -> OnlineReport {
        let configuration = loaded.configuration
        let names = Set(configuration.resources.map(\.credential) + configuration.discover.map(\.credential))
        var accesses: [String?: Access] = [:]
        for name in names { accesses[name] = access(name) }
        var problems: [OnlineProblem] = []
        let whole = await discover(accesses, &problems)
        let resources = await check(whole.configuration.resources, whole, accesses)
        for case .clients(let clients) in accesses.values { await clients.shutdown() }
        return OnlineReport(resources, problems: problems)
    }

    /// With what the rules of the configuration find now.
    private func discover(
        _ accesses: [String?: Access], _ problems: inout [OnlineProblem]
    ) async -> LoadedConfiguration {
        var found: [DiscoveredResource] = []
        var told: Set<String> = []
        for rule in loaded.configuration.discover {
            do throws(OnlineProblem) {
                for service in try await Self.services(rule, accesses[rule.credential]) where service.isReady {
                    found.append(
                        DiscoveredResource(id: service.id, tags: service.tags, since: SystemClock().now))
                }
            } catch {
                if let common = error.common, !told.insert(common).inserted { continue }
                problems.append(error)
            }
        }
        found.sort { "\($0.id)" < "\($1.id)" }
        let (whole, refusals) = loaded.enrolling(found)
        problems += refusals.map { refusal in
            OnlineProblem(
                nil, "The discovered resource \(refusal.id) is not taken up.", severity: .warning,
                advice: refusal.detail + ".")
        }
        return whole
    }

    private static func services(
        _ rule: Configuration.DiscoveryRule, _ access: Access?
    ) async throws(OnlineProblem) -> [ListedService] {
        switch access {
        case nil: return []
        case .refused(let problem)?: throw problem
        case .clients(let clients)?:
            do throws(Failure) {
                _ = try await clients.tokens.token()
            } catch {
                throw problem(error, of: rule.credential)
            }
            let group = rule.resourceGroup.map { ARMScope.resourceGroup(subscription: rule.subscription, name: $0) }
            do throws(Failure) {
                return try await clients.resourceManager.services(in: group ?? .subscription(rule.subscription))
            } catch {
                throw OnlineProblem(error)
            }
        }
    }

    private func access(_ credential: String?) -> Access {
        do throws(Failure) {
            return .clients(try setup.clients(loaded.configuration.azure, credential: credential))
        } catch {
            let problem = Self.problem(error, of: credential)
            guard geteuid() != 0 else { return .refused(problem) }
            return .refused(
                OnlineProblem(
                    problem.reason, problem.detail,
                    advice:
                        "Run this as root, if the secret is one that systemd passes to the unit. Else: \(problem.advice)",
                    common: problem.common))
        }
    }

    /// A problem with a credential is that of all resources that use it.
    static func problem(_ failure: Failure, of credential: String?) -> OnlineProblem {
        OnlineProblem(failure, common: "\(credential ?? "") \(failure.reason.rawValue)")
    }

    private func check(
        _ resources: [Configuration.Resource], _ whole: LoadedConfiguration, _ accesses: [String?: Access]
    ) async -> [OnlineReport.Resource] {
        await withTaskGroup(of: (Int, OnlineReport.Resource).self) { group in
            var found: [Int: OnlineReport.Resource] = [:]
            for (place, resource) in resources.enumerated() {
                if place >= Self.concurrency, let (place, result) = await group.next() { found[place] = result }
                let access = accesses[resource.credential]
                group.addTask { (place, await check(resource, whole, access)) }
            }
            for await (place, result) in group { found[place] = result }
            return found.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    private func check(
        _ resource: Configuration.Resource, _ whole: LoadedConfiguration, _ access: Access?
    ) async -> OnlineReport.Resource {
        var result = OnlineReport.Resource(
            name: resource.name, id: resource.id.description, credential: resource.credential)
        switch access {
        case nil: break
        case .refused(let problem)?:
            result.token = .no
            result.problems = [problem]
        case .clients(let clients)?:
            do throws(Failure) {
                _ = try await clients.tokens.token()
                result.token = .ok
            } catch {
                result.token = .no
                result.problems = [Self.problem(error, of: resource.credential)]
                return result
            }
            await ResourceCheck(resource: resource, loaded: whole, clients: clients).run(&result)
        }
        return result
    }
}

extension ListedService {
    /// It is not being made or deleted.
    fileprivate var isReady: Bool {
        service.provisioningState.map { $0.lowercased() == "succeeded" } ?? true
    }
}
