import AzureKeys
import Daemon
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
        let names = Set(loaded.configuration.resources.map(\.credential))
        var accesses: [String?: Access] = [:]
        for name in names { accesses[name] = access(name) }
        let report = OnlineReport(await check(loaded.configuration.resources, accesses))
        for case .clients(let clients) in accesses.values { await clients.shutdown() }
        return report
    }

    private func access(_ credential: String?) -> Access {
        do throws(Failure) {
            return .clients(try setup.clients(loaded.configuration.azure, credential: credential))
        } catch {
            return .refused(Self.problem(error, of: credential))
        }
    }

    /// A problem with a credential is that of all resources that use it.
    static func problem(_ failure: Failure, of credential: String?) -> OnlineProblem {
        OnlineProblem(failure, common: "\(credential ?? "") \(failure.reason.rawValue)")
    }

    private func check(
        _ resources: [Configuration.Resource], _ accesses: [String?: Access]
    ) async -> [OnlineReport.Resource] {
        await withTaskGroup(of: (Int, OnlineReport.Resource).self) { group in
            var found: [Int: OnlineReport.Resource] = [:]
            for (place, resource) in resources.enumerated() {
                if place >= Self.concurrency, let (place, result) = await group.next() { found[place] = result }
                let access = accesses[resource.credential]
                group.addTask { (place, await check(resource, access)) }
            }
            for await (place, result) in group { found[place] = result }
            return found.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    private func check(_ resource: Configuration.Resource, _ access: Access?) async -> OnlineReport.Resource {
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
            await ResourceCheck(resource: resource, loaded: loaded, clients: clients).run(&result)
        }
        return result
    }
}
