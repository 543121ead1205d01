import KeyMaterial
import Rotation

/// Which hosts a connection string may name.
///
/// A connection string decides where signed calls go, so a forged one would let an answer of the resource manager point
/// this daemon at any host; only hosts of Azure Communication Services are accepted.
package struct DataPlaneHosts: Hashable, Sendable {
    private let suffixes: [String]
    private let hosts: [String]
    private let allowsLoopback: Bool

    private static let azureSuffixes = [".communication.azure.com", ".communication.azure.us"]

    /// - Parameter extra: hosts allowed besides Azure's; with a leading dot, all hosts below a domain.
    package init(extra: [String], allowsLoopback: Bool) {
        let extra = extra.map { $0.lowercased() }
        suffixes = Self.azureSuffixes + extra.filter { $0.hasPrefix(".") }
        hosts = extra.filter { !$0.hasPrefix(".") }
        self.allowsLoopback = allowsLoopback
    }

    /// The endpoint of a connection string, when its host is allowed.
    ///
    /// - Throws: a `Failure` with `badConnectionString` that names the host and never the key.
    package func endpoint(of connectionString: ConnectionString) throws(Failure) -> Endpoint {
        let endpoint: Endpoint
        do {
            endpoint = try Endpoint(connectionString.endpoint)
        } catch {
            throw Failure(.badConnectionString, "the endpoint of the connection string is refused: \(error)")
        }
        guard endpoint.path.isEmpty else {
            throw Failure(.badConnectionString, "the endpoint of the connection string has a path: \(endpoint)")
        }
        guard allows(endpoint) else {
            throw Failure(
                .badConnectionString,
                "the connection string names the host '\(endpoint.host)', which is no host of Azure Communication"
                    + " Services (\(suffixes.map { "*" + $0 }.joined(separator: ", "))); nothing is sent there")
        }
        return endpoint
    }

    private func allows(_ endpoint: Endpoint) -> Bool {
        if endpoint.isLoopback { return allowsLoopback }
        guard endpoint.scheme == "https" else { return false }
        return hosts.contains(endpoint.host) || suffixes.contains { endpoint.host.hasSuffix($0) && endpoint.host != $0 }
    }
}
