import Ledger
import Rotation

extension LedgerAdapter {
    /// The resources that were discovered, as last saved.
    func discovered() async throws(Failure) -> [DiscoveredResource] {
        try await blocking(.ledgerUnavailable) { () throws(Failure) in
            try DiscoveredResource.read(
                try mapped { () throws(LedgerError) in try ledger.discovered() }, from: ledger.path)
        }
    }

    func saveDiscovered(_ discovered: [DiscoveredResource]) async throws(Failure) {
        try await blocking(.ledgerUnavailable) { () throws(Failure) in
            let entries: [String]
            do {
                entries = try discovered.map { try JSONText.encode($0) }
            } catch {
                throw Failure(.ledgerUnavailable, "what was discovered cannot be written as JSON")
            }
            try mapped { () throws(LedgerError) in try ledger.replaceDiscovered(entries) }
        }
    }
}

extension DiscoveredResource {
    /// Of the text that the ledger keeps.
    ///
    /// - Parameter path: the ledger's, for the message.
    package static func read(_ entries: [String], from path: String) throws(Failure) -> [DiscoveredResource] {
        do {
            return try entries.map { try JSONText.decode(DiscoveredResource.self, from: $0.utf8) }
        } catch {
            throw Failure(
                .ledgerUnavailable,
                "\(path): what was discovered cannot be read (\(error)); if this version is right, move the file away:"
                    + " resources are then adopted anew, which regenerates nothing")
        }
    }
}
