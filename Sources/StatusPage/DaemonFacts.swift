import Rotation

/// How a rule under `discover` fares.
package struct DiscoveryFacts: Sendable {
    /// Where it looks: an ARM id.
    package var scope: String
    /// When its list was complete last; nil: not since the start.
    package var listedAt: Instant?
    /// Why the last look failed, and since when looks have failed; nil: the last one did not.
    package var failure: (failure: Failure, since: Instant)?

    package init(scope: String, listedAt: Instant?, failure: (failure: Failure, since: Instant)? = nil) {
        self.scope = scope
        self.listedAt = listedAt
        self.failure = failure
    }
}

/// What the page says of the daemon itself.
package struct DaemonFacts: Sendable {
    package var version: String
    /// The machine's name.
    package var host: String
    package var startedAt: Instant
    package var configurationPath: String
    package var loadedAt: Instant
    /// The lines with which the last reload was refused; empty when it was not.
    package var reloadErrors: [String]
    /// Readiness was told to systemd.
    package var isReady: Bool
    /// Resources of which the first look has not ended.
    package var unsettled: [String]
    /// Resources of which consumers have nothing to read.
    package var withoutFiles: [String]
    /// The rules under `discover`, in their order.
    package var discovery: [DiscoveryFacts]

    package init(
        version: String, host: String, startedAt: Instant, configurationPath: String, loadedAt: Instant,
        reloadErrors: [String] = [], isReady: Bool = true, unsettled: [String] = [], withoutFiles: [String] = [],
        discovery: [DiscoveryFacts] = []
    ) {
        self.version = version
        self.host = host
        self.startedAt = startedAt
        self.configurationPath = configurationPath
        self.loadedAt = loadedAt
        self.reloadErrors = reloadErrors
        self.isReady = isReady
        self.unsettled = unsettled
        self.withoutFiles = withoutFiles
        self.discovery = discovery
    }
}
