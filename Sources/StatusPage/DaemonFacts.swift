import Rotation

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

    package init(
        version: String, host: String, startedAt: Instant, configurationPath: String, loadedAt: Instant,
        reloadErrors: [String] = [], isReady: Bool = true, unsettled: [String] = [], withoutFiles: [String] = []
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
    }
}
