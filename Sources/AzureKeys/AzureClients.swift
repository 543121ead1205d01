import CoreMetrics
import KeyMaterial
import Logging
import NIOCore
import NIOSSL
import Rotation

/// Everything that talks to Azure, sharing one HTTP client and one token.
///
/// `shutdown` must be called before it goes away.
package final class AzureClients: Sendable {
    package let resourceManager: ResourceManagerClient
    package let probe: DataPlaneProbe
    package let tokens: TokenCache
    private let transport: HTTPTransport

    /// - Parameters:
    ///   - group: the event loops to run on; not shut down here.
    ///   - trace: where requests and answers are shown; nil: nowhere.
    ///   - metrics: where calls to the resource manager are counted.
    ///   - proxies: what connections go through.
    ///   - caFile: a PEM file of certificate authorities to trust besides the system's, for a cloud of one's own.
    /// - Throws: `unreachable` when the file cannot be read or holds no certificate; it names the file.
    package init(
        cloud: AzureCloud, credential: AzureCredential, group: any EventLoopGroup, caFile: String? = nil,
        proxies: ProxySettings = .none, options: AzureOptions = AzureOptions(), clock: AzureClock = .system,
        metrics: any MetricsFactory = MetricsSystem.factory, trace: WireTrace? = nil, logger: Logger
    ) throws(Failure) {
        let transport = HTTPTransport(
            group: group, connectTimeout: options.connectTimeout, idleTimeout: options.idleTimeout,
            extraTrustRoots: try Self.certificates(caFile),
            proxies: proxies, userAgent: options.userAgent, trace: trace)
        let tokenTransport = TokenTransport(
            transport: transport, timeout: options.callTimeout, metadataProbeTimeout: options.metadataProbeTimeout,
            retrying: Retrying(clock: clock, tries: options.tries, longestWait: options.longestWait), logger: logger)
        let authority = CloudAuthority(cloud, tokenTransport)
        let source = credential.source(authority, tokenTransport)
        tokens = TokenCache(
            source: source, audience: { () async throws(Failure) in try await authority.find().audience },
            now: clock.monotonic)
        let writes = CallBudgets(
            .writes, limit: options.subscriptionWrites, patience: options.patience, clock: clock, logger: logger)
        let reads = CallBudgets(
            .reads, limit: options.subscriptionReads, patience: options.patience, clock: clock, logger: logger)
        resourceManager = ResourceManagerClient(
            cloud: cloud, options: options, transport: transport, tokens: tokens, writes: writes, reads: reads,
            clock: clock, metrics: ARMMetrics(factory: metrics), logger: logger)
        probe = DataPlaneProbe(
            request: options.probe, hosts: cloud.dataPlaneHosts, transport: transport, timeout: options.callTimeout,
            clock: clock, logger: logger)
        self.transport = transport
    }

    /// Closes idle connections. Calls that are under way fail.
    package func shutdown() async {
        await transport.shutdown()
    }

    private static func certificates(_ file: String?) throws(Failure) -> [NIOSSLCertificate] {
        guard let file else { return [] }
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(file)
        } catch {
            throw Failure(.unreachable, "the CA file \(file) could not be read as PEM certificates")
        }
        guard !certificates.isEmpty else {
            throw Failure(.unreachable, "the CA file \(file) holds no certificate")
        }
        return certificates
    }
}
