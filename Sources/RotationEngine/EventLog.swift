import EventCatalog
import Logging
import Rotation

extension RotationEngine {
    /// One journal entry for one line of the history, unless it repeats what was told or is told with others.
    func log(_ note: Note, of resource: ManagedResource) {
        let now = ports.clock.now
        let admission = failureLog.admission(of: note, resource.name, now)
        var metadata: Logger.Metadata = ["resource": "\(resource.name)"]
        metadata["actor"] = note.actor == "keyturn" ? nil : "\(note.actor)"
        if let reason = note.reason { metadata.set(reason) }
        metadata["keyType"] = note.keyType.map { "\($0)" }
        metadata["version"] = note.version.map { "\($0)" }
        metadata["fingerprint"] = note.fingerprint.map { "\($0)" }
        metadata["detail"] = note.detail.map { "\($0)" }
        metadata["request-id"] = note.requestID.map { "\($0)" }
        metadata["lasted"] = admission.lasted.map { "\(TimeSpan.describe(.seconds($0.components.seconds)))" }
        let event = note.kind.journalEvent
        logger.log(event, level: admission.isLine ? event.level : .debug, metadata: metadata)
    }

    /// Tells what is told of many resources together, or again, when the time has come.
    func tellFailures(_ now: Instant) {
        guard failureLog.isDue(now) else { return }
        for summary in failureLog.summaries(core.troubles(now), now) { log(summary) }
    }

    /// As many names as fit into one entry: libsystemd sends each field as two buffers, and one call takes 1024 of them
    /// (IOV_MAX).
    private static func parts(_ names: [String]) -> [ArraySlice<String>] {
        let limit = 400
        return stride(from: 0, to: names.count, by: limit).map { names[$0..<min($0 + limit, names.count)] }
    }

    private func log(_ summary: FailureSummary) {
        for names in Self.parts(summary.names) {
            var metadata: Logger.Metadata = ["resource": .array(names.map { .string($0) })]
            metadata.set(summary.reason)
            metadata["failing"] = "\(summary.failing)"
            metadata["attempts"] = summary.attempts > 0 ? "\(summary.attempts)" : nil
            metadata["since"] = summary.since.map { "\($0)" }
            metadata["detail"] = summary.detail.map { "\($0)" }
            if summary.event == .alsoRecovered { metadata["recovered"] = "\(summary.names.count)" }
            let event = summary.event.journalEvent
            logger.log(event, level: summary.isHeld ? .error : event.level, metadata: metadata)
        }
    }

    /// Notes that consumers of the resource have no file at all and none can be made now, so that it is told soon, with
    /// others.
    func noteNothingPublished(_ name: String) {
        guard readyTold, tellNothingPublishedAt == nil, withoutFiles[name] == false,
            core.isTroubled(name) || core.ledgerFailure(name) != nil
        else { return }
        let now = ports.clock.now
        let next = min(nothingPublishedToldAt, now) + FailureLog.refill
        tellNothingPublishedAt = max(now + FailureLog.gathering[0], next)
    }

    func tellNothingPublishedIfDue(_ now: Instant) {
        guard let at = tellNothingPublishedAt, at <= now || at > now + FailureLog.refill else { return }
        tellNothingPublishedAt = nil
        tellNothingPublished(
            withoutFiles.keys.filter { core.isTroubled($0) || core.ledgerFailure($0) != nil }.sorted())
    }

    /// Says it, once for each.
    func tellNothingPublished(_ names: [String]) {
        let names = names.filter { withoutFiles[$0] == false }
        guard !names.isEmpty else { return }
        nothingPublishedToldAt = ports.clock.now
        for name in names { withoutFiles[name] = true }
        for part in Self.parts(names) {
            logger.log(.nothingPublished, metadata: ["resource": .array(part.map { .string($0) })])
        }
    }
}
