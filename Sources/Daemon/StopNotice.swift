import EventCatalog
import Logging
import ServiceLifecycle
import Systemd

/// Says `STOPPING=1`. It is the last service of the group, so that it is the first to be shut down and systemd knows
/// before anything closes.
struct StopNotice: Service {
    let notifier: Notifier
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        notifier.tell(logger) { (notifier) throws(SystemdError) in try notifier.stopping(status: "stopping") }
        logger.log(.stopping)
    }
}
