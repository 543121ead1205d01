/// Names as Prometheus takes them: letters, digits and underscores, no digit first.
enum MetricName {
    /// The name under which a metric of swift-metrics is exposed: `http.server.request.duration`, a timer, becomes
    /// `http_server_request_duration_seconds`.
    static func exposed(_ label: String, suffix: String) -> String {
        let name = valid(label, colons: true)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// Names that begin with two underscores are Prometheus's own.
    static func label(_ name: String) -> String {
        let name = valid(name, colons: false)
        return name.hasPrefix("__") ? "label" + name : name
    }

    private static func valid(_ text: String, colons: Bool) -> String {
        var name = String(
            text.unicodeScalars.map { scalar -> Character in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "_": Character(scalar)
                case ":" where colons: ":"
                default: "_"
                }
            })
        if name.first.map({ $0.isNumber }) ?? true { name = "_" + name }
        return name
    }
}
