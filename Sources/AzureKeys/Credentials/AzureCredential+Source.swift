import Rotation

extension AzureCredential {
    /// What asks for its tokens.
    ///
    /// - Parameter login: the cloud's token service.
    func source(login: Endpoint, _ tokens: TokenTransport) -> any AccessTokenSource {
        switch self {
        case .source(let source): return source
        case .managedIdentity(let identity, .virtualMachine(let host)):
            return InstanceMetadataCredential(
                identity: identity, authorityHost: host, tokens: tokens, probeTimeout: nil)
        case .managedIdentity(let identity, .appService(let endpoint, let header)):
            return AppServiceCredential(identity: identity, endpoint: endpoint, header: header, tokens: tokens)
        case .managedIdentity(let identity, .arc(let endpoint, let directory)):
            return ArcCredential(identity: identity, endpoint: endpoint, directory: directory, tokens: tokens)
        case .clientSecret(let tenant, let clientID, let secret):
            return ClientSecretCredential(
                service: LoginService(tenant: tenant, clientID: clientID, login: login, tokens: tokens), secret: secret)
        case .clientCertificate(let tenant, let clientID, let file):
            return ClientCertificateCredential(
                service: LoginService(tenant: tenant, clientID: clientID, login: login, tokens: tokens), file: file)
        case .workloadIdentity(let tenant, let clientID, let token):
            return WorkloadIdentityCredential(
                service: LoginService(tenant: tenant, clientID: clientID, login: login, tokens: tokens), token: token)
        }
    }
}
