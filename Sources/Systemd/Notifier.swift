import Glibc

/// Tells the service manager how the daemon is (sd_notify(3)). Each call returns true when the message was sent, false
/// when there is no service manager that wants it.
///
/// A status is one line: line breaks and other control characters in it become spaces, and what is over 2 KiB is cut
/// off, because systemd drops a message of more than 4 KiB as a whole.
package struct Notifier: Sendable {
    private let sink: any NotificationSink

    package init(sink: any NotificationSink = NotifySocket()) {
        self.sink = sink
    }

    /// Start-up, or a reload, is finished (`READY=1`).
    @discardableResult
    package func ready(status: String? = nil) throws(SystemdError) -> Bool {
        try send("READY=1", status: status)
    }

    /// A reload begins (`RELOADING=1` with the `MONOTONIC_USEC=` that Type=notify-reload compares); `ready` ends it.
    @discardableResult
    package func reloading(status: String? = nil) throws(SystemdError) -> Bool {
        try send("RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds())", status: status)
    }

    /// The daemon is going down (`STOPPING=1`).
    @discardableResult
    package func stopping(status: String? = nil) throws(SystemdError) -> Bool {
        try send("STOPPING=1", status: status)
    }

    /// The line that `systemctl status` shows (`STATUS=`).
    @discardableResult
    package func status(_ status: String) throws(SystemdError) -> Bool {
        try sink.send("STATUS=\(Self.line(status))")
    }

    /// Proof of life (`WATCHDOG=1`); due more often than `WatchdogInterval.current`.
    @discardableResult
    package func watchdog() throws(SystemdError) -> Bool {
        try sink.send("WATCHDOG=1")
    }

    /// Asks for this much time, from now, before the start, reload or stop under way counts as hung
    /// (`EXTEND_TIMEOUT_USEC=`).
    @discardableResult
    package func extendTimeout(_ duration: Duration) throws(SystemdError) -> Bool {
        try sink.send("EXTEND_TIMEOUT_USEC=\(Self.microseconds(duration))")
    }

    /// What broke, as an errno that `systemctl status` shows (`ERRNO=`).
    @discardableResult
    package func errno(_ code: Int32, status: String? = nil) throws(SystemdError) -> Bool {
        try send("ERRNO=\(code)", status: status)
    }

    private func send(_ fields: String, status: String?) throws(SystemdError) -> Bool {
        guard let status else { return try sink.send(fields) }
        return try sink.send("\(fields)\nSTATUS=\(Self.line(status))")
    }

    private static func line(_ status: String) -> String {
        let limit = 2048
        var line = ""
        for scalar in status.unicodeScalars {
            let isControl =
                scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}"
            line.unicodeScalars.append(isControl ? " " : scalar)
            if line.utf8.count > limit {
                while line.utf8.count > limit - 3 { line.removeLast() }
                return line + "…"
            }
        }
        return line
    }

    private static func monotonicMicroseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// Never less than one: a zero would mean that the timeout is switched off.
    private static func microseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return seconds > 0 ? .max : 1 }
        return max(1, whole.addingReportingOverflow(attoseconds / 1_000_000_000_000).partialValue)
    }
}
