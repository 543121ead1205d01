import Rotation

extension AzureCredential {
    /// What asks for its tokens.
    ///
    /// - Parameters:
    ///   - authority: where the cloud's tokens come from.
    ///   - isCertain: whether this credential is what is wanted, and not one of several that may be absent.
    func source(_ authority: CloudAuthority, _ tokens: TokenTransport, isCertain: Bool = true) -> any AccessTokenSource
    {
        switch self {
        case .source(let source): return source
        case .managedIdentity(let identity, .virtualMachine(let host)):
            return InstanceMetadataCredential(
                identity: identity, authorityHost: host, tokens: tokens,
                probeTimeout: isCertain ? nil : tokens.metadataProbeTimeout)
        case .managedIdentity(let identity, .appService(let endpoint, let header)):
            return AppServiceCredential(identity: identity, endpoint: endpoint, header: header, tokens: tokens)
        case .managedIdentity(let identity, .arc(let endpoint, let directory)):
            return ArcCredential(identity: identity, endpoint: endpoint, directory: directory, tokens: tokens)
        case .clientSecret(let tenant, let clientID, let secret):
            return ClientSecretCredential(
                service: LoginService(tenant: tenant, clientID: clientID, authority: authority, tokens: tokens),
                secret: secret)
        case .clientCertificate(let tenant, let clientID, let file):
            return ClientCertificateCredential(
                service: LoginService(tenant: tenant, clientID: clientID, authority: authority, tokens: tokens),
                file: file)
        case .workloadIdentity(let tenant, let clientID, let token):
            return WorkloadIdentityCredential(
                service: LoginService(tenant: tenant, clientID: clientID, authority: authority, tokens: tokens),
                token: token)
        case .commandLine(let tenant, let environment):
            return CommandLineCredential(
                tenant: tenant, environment: environment, timeout: tokens.timeout, clock: tokens.clock)
        case .chain(let links):
            let isCertain = links.count == 1
            return ChainCredential(
                links.map { link in
                    ChainCredential.Link(
                        name: link.name,
                        source: link.credential.map { $0.source(authority, tokens, isCertain: isCertain) },
                        mayBeAbsent: link.mayBeAbsent)
                }, logger: tokens.logger)
        }
    }
}

extension AzureCredential.Link {
    /// What a machine has shows only when it is asked; what is configured is there.
    fileprivate var mayBeAbsent: Bool {
        switch credential {
        case .success(.managedIdentity), .success(.commandLine), .failure: true
        default: false
        }
    }
}
