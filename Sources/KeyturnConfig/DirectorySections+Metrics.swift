extension DirectorySections {
    func metrics(_ node: YAMLNode?) -> Configuration.Metrics {
        let reader = node.flatMap { SettingsReader($0, "metrics", Self.metricsShape, diagnostics) }
        return Configuration.Metrics(listen: reader?.setting("listen", listenAddress).value)
    }

    private func listenAddress(_ node: YAMLNode) -> ListenAddress? {
        let expected = "an address and a port, such as 127.0.0.1:9464"
        guard let text = node.text("metrics.listen", expected, allowsNumbers: true, diagnostics) else { return nil }
        do throws(ListenAddress.Problem) {
            let address = try ListenAddress(text)
            if !address.isLoopback {
                diagnostics.warning(
                    "metrics.listen \(address) lets other machines read the names and the state of all resources, without"
                        + " being asked who they are",
                    hint: "restrict it with a firewall, or listen at 127.0.0.1", at: node.mark)
            }
            return address
        } catch {
            diagnostics.error("metrics.listen '\(clipped(text))' \(error.message)", hint: error.hint, at: node.mark)
            return nil
        }
    }
}
