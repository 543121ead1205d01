import ArgumentParser
import CoreMetrics
import Daemon
import EventCatalog
import FoundationEssentials
import Glibc
import Logging
import NIOCore
import NIOPosix
import PrometheusMetrics
import Systemd

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon in the foreground, until SIGTERM or SIGINT.",
        discussion: """
            Under systemd it logs to the journal with fields of its own, else readable lines to standard error. SIGHUP \
            (or 'keyturn reload', which also tells the outcome) reads the configuration again.
            """)

    @OptionGroup var file: ConfigurationOption
    @Option(help: "The least important level to log: debug, info, notice, warning, error.")
    var logLevel = LogLevel.info

    func run() async throws {
        // One event loop and few blocking threads do: a rotator is idle almost always.
        NIOSingletons.groupLoopCountSuggestion = 1
        NIOSingletons.blockingPoolThreadCountSuggestion = 4
        let destination = LogDestination.current
        let level = logLevel.level
        LoggingSystem.bootstrap { label in
            destination.handler(label: label, level: level, provider: LogContext.provider)
        }
        let logger = Logger(label: "keyturn")
        let metrics = PrometheusRegistry(MetricsCatalog.descriptions)
        MetricsSystem.bootstrap(metrics)
        let daemon = Daemon(
            configurationPath: file.config, environment: ProcessInfo.processInfo.environment, logger: logger,
            metrics: metrics)
        do {
            try await daemon.run()
        } catch let failure as StartFailure {
            report(failure, destination, logger)
            throw ExitCode(failure.exitStatus)
        } catch {
            report(StartFailure(ExitStatus.failure.rawValue, ["keyturn: \(error)"]), destination, logger)
            throw ExitStatus.failure
        }
    }

    private func report(_ failure: StartFailure, _ destination: LogDestination, _ logger: Logger) {
        for line in failure.lines {
            switch destination {
            case .journal: logger.log(.notStarted, metadata: ["at": "\(line)", "advice": "\(failure.advice)"])
            case .terminal: printError(line)
            }
        }
        _ = try? Notifier().status("not started: \(failure.summary). \(failure.advice)")
    }
}

enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case debug, info, notice, warning, error

    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        }
    }
}
