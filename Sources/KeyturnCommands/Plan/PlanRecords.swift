import Daemon
import KeyturnConfig
import Ledger
import Rotation
import RotationEngine

/// What is on record of the resources: from the ledger, or from the daemon that has it open.
struct PlanRecords {
    var records: [ResourceID: RotationRecord] = [:]
    /// What was discovered, as far as it is known.
    var discovered: [DiscoveredResource] = []

    static func read(_ loaded: LoadedConfiguration, client: ControlClient) async throws -> PlanRecords {
        let directory = loaded.configuration.state.directory
        do {
            let snapshot = try Ledger.snapshot(ofDirectory: directory, role: "plan")
            if snapshot.rows.isEmpty { note("nothing is on record yet") }
            var read = PlanRecords()
            for row in snapshot.rows {
                guard let id = try? ResourceID(row.resourceID), let record = try? row.record() else { continue }
                read.records[id] = record
            }
            do throws(Failure) {
                read.discovered = try DiscoveredResource.read(snapshot.discovered, from: directory)
            } catch {
                note(error.detail)
            }
            return read
        } catch .alreadyOpen {
            return try await askDaemon(client)
        } catch {
            note("the ledger cannot be read (\(error.description))")
            return PlanRecords()
        }
    }

    private static func askDaemon(_ client: ControlClient) async throws -> PlanRecords {
        let answer = try await asking { try await client.records() }
        return PlanRecords(
            records: Dictionary(
                answer.compactMap { record in (try? ResourceID(record.id)).map { ($0, record.record) } },
                uniquingKeysWith: { first, _ in first }),
            discovered: try await asking { try await client.discovered() })
    }

    private static func note(_ text: String) {
        printError("keyturn: \(text); every key counts as published at the plan's beginning")
    }
}
