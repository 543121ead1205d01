/// What the daemon itself tells of, beside what goes into the history of a resource (`Note.Kind`).
package enum DaemonEvent: String, CaseIterable, Sendable {
    case starting
    case waitingForCommand = "waiting-for-command"
    case ledgerSetAside = "ledger-set-aside"
    case notStarted = "not-started"
    case ready
    case nothingPublished = "nothing-published"
    case stopping
    case awaitingRegenerates = "awaiting-regenerates"
    case answerNotKept = "answer-not-kept"
    case reloaded
    case reloadRefused = "reload-refused"
    case doubtfulConfiguration = "doubtful-configuration"
    case resourceAdded = "resource-added"
    case resourceRemoved = "resource-removed"
    case resourceRenamed = "resource-renamed"
    case adoptedAnew = "adopted-anew"
    case resourceDiscovered = "resource-discovered"
    case resourceVanished = "resource-vanished"
    case resourceReleased = "resource-released"
    case discoveryRefused = "discovery-refused"
    case discoveryFailed = "discovery-failed"
    case discoveryRecovered = "discovery-recovered"
    case secretPruned = "secret-pruned"
    case pruneFailed = "prune-failed"
    case commandRefused = "command-refused"
    case alsoFailing = "also-failing"
    case stillFailing = "still-failing"
    case alsoRecovered = "also-recovered"
    case consumerOutput = "consumer-output"
    case consumerNotRunning = "consumer-not-running"
    case regenerateAnsweredByAzure = "azure-answered"
    case clockOff = "clock-off"
    case systemdNotTold = "systemd-not-told"
}
