/// Where notifications for the service manager go.
package protocol NotificationSink: Sendable {
    /// Sends lines of `NAME=value`.
    ///
    /// - Returns: true when they were sent, false when nobody asked for them (`NOTIFY_SOCKET` is not set).
    func send(_ fields: String) throws(SystemdError) -> Bool
}
