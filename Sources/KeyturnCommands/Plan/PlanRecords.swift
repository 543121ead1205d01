import Daemon
import KeyturnConfig
import Ledger
import Rotation
import RotationEngine

/// What is on record of the resources: from the ledger, or from the daemon that has it open.
enum PlanRecords {
    static func read(_ loaded: LoadedConfiguration, client: ControlClient) async throws -> [ResourceID: RotationRecord]
    {
        let directory = loaded.configuration.state.directory
        do {
            let rows = try Ledger.rows(inDirectory: directory, role: "plan")
            if rows.isEmpty { note("nothing is on record yet") }
            var records: [ResourceID: RotationRecord] = [:]
            for row in rows {
                guard let id = try? ResourceID(row.resourceID), let record = try? row.record() else { continue }
                records[id] = record
            }
            return records
        } catch .alreadyOpen {
            return try await askDaemon(client)
        } catch {
            note("the ledger cannot be read (\(error.description))")
            return [:]
        }
    }

    private static func askDaemon(_ client: ControlClient) async throws -> [ResourceID: RotationRecord] {
        let answer = try await asking { try await client.records() }
        return Dictionary(
            answer.compactMap { record in (try? ResourceID(record.id)).map { ($0, record.record) } },
            uniquingKeysWith: { first, _ in first })
    }

    private static func note(_ text: String) {
        printError("keyturn: \(text); every key counts as published at the plan's beginning")
    }
}
