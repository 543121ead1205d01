import CSystemd

/// The service manager's socket, as `NOTIFY_SOCKET` names it (sd_notify(3)).
package struct NotifySocket: NotificationSink {
    package init() {}

    package func send(_ fields: String) throws(SystemdError) -> Bool {
        let result = sd_notify(0, fields)
        guard result >= 0 else { throw SystemdError("sd_notify", result: result) }
        return result > 0
    }
}
