import CSystemd

/// How often the service manager wants proof of life.
package enum WatchdogInterval {
    /// The unit's `WatchdogSec=`: after this long without `Notifier.watchdog` the daemon is killed. Half of it is a
    /// good interval. nil when no watchdog is set for this process (sd_watchdog_enabled(3)).
    package static var current: Duration? {
        get throws(SystemdError) {
            var microseconds: UInt64 = 0
            let result = sd_watchdog_enabled(0, &microseconds)
            guard result >= 0 else { throw SystemdError("sd_watchdog_enabled", result: result) }
            return result > 0 ? .microseconds(Int64(clamping: microseconds)) : nil
        }
    }
}
