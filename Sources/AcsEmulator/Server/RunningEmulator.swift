import FoundationEssentials

/// An emulator that is listening.
package struct RunningEmulator: Sendable {
    private let state: EmulatorState
    private let configuration: EmulatorConfiguration
    package let port: Int
    /// The certificate that clients must trust, PEM; nil without TLS.
    package let certificateAuthorityPEM: String?

    init(state: EmulatorState, port: Int, configuration: EmulatorConfiguration, certificateAuthorityPEM: String?) {
        self.state = state
        self.port = port
        self.configuration = configuration
        self.certificateAuthorityPEM = certificateAuthorityPEM
    }

    /// `http://127.0.0.1:PORT`, without a slash at its end: base of Resource Manager, of the login endpoint and of the
    /// instance metadata service.
    package var origin: String { state.with { model, _ in model.origin } }

    package var tenantID: String { configuration.tenantID }
    package var clientID: String { configuration.clientID }
    package var clientSecret: String { configuration.clientSecret }
    package var objectID: String { configuration.objectID }
    package var identityResourceID: String { configuration.identityResourceID }
    package var identityHeader: String { configuration.identityHeader }

    /// `IDENTITY_ENDPOINT` as App Service and Container Apps set it.
    package var appServiceEndpoint: String { "\(origin)/msi/token" }
    /// `IDENTITY_ENDPOINT` as the agent of Azure Arc sets it.
    package var arcEndpoint: String { "\(origin)/arc/metadata/identity/oauth2/token" }

    /// A token of the issuer that the app registration trusts, good for `lifetime` seconds.
    package func federatedToken(lifetime: Int = 3600) -> String {
        state.with { model, now in model.tokens.issueFederatedToken(now: now, lifetime: lifetime) }
    }

    package var resources: [EmulatedResource] { state.with { model, _ in model.emulatedResources } }

    /// Makes a resource, or gives one that is there these tags.
    package func put(_ id: EmulatedResourceID, tags: [String: String] = [:]) {
        state.with { model, now in model.put(id, tags: tags, now: now) }
    }

    /// Deletes a resource; false when there is none.
    @discardableResult
    package func remove(_ id: EmulatedResourceID) -> Bool {
        state.with { model, _ in
            guard let index = model.resources.index(of: id) else { return false }
            model.delete(index)
            return true
        }
    }

    /// Takes the place of all faults.
    package func setFaults(_ faults: [EmulatorFault]) throws(EmulatorFault.Malformed) {
        try state.with { (model, _) throws(EmulatorFault.Malformed) in
            try model.faults.replace(faults, in: model.resources.index(named:))
        }
    }

    /// The calls with a sequence number above `sequence`, oldest first; the last 100,000 at most.
    package func log(since sequence: Int = 0) -> [EmulatorLogEntry] {
        state.with { model, _ in model.log.entries(since: sequence) }
    }

    /// The key that Resource Manager shows now; nil when the resource is not this emulator's.
    package func key(_ keyType: EmulatedKeyType, of id: EmulatedResourceID) -> String? {
        state.with { model, _ in model.resources.index(of: id).map { model.resources.resources[$0][keyType].text } }
    }

    /// The connection string that Resource Manager shows now; nil when the resource is not this emulator's.
    package func connectionString(_ keyType: EmulatedKeyType, of id: EmulatedResourceID) -> String? {
        state.with { model, _ in model.resources.index(of: id).map { model.connectionString($0, keyType) } }
    }

    /// The fingerprint of the key that Resource Manager shows now; nil when the resource is not this emulator's.
    package func fingerprint(_ keyType: EmulatedKeyType, of id: EmulatedResourceID) -> String? {
        state.with { model, _ in
            model.resources.index(of: id).map { model.resources.resources[$0][keyType].fingerprint }
        }
    }

    /// Regenerates a key as another person with rights would do it; false when the resource is not this emulator's.
    @discardableResult
    package func regenerateFromOutside(_ keyType: EmulatedKeyType, of id: EmulatedResourceID) -> Bool {
        state.with { model, now in
            guard let index = model.resources.index(of: id) else { return false }
            model.outsideRegenerate(index, keyType, method: "POST", path: "/_emulator/regenerate", now: now)
            return true
        }
    }

    /// Every key there ever was, the latest tokens, the client secret and the identity header: what must not be found in logs and files.
    package var secretsEverMade: [String] {
        state.with { model, _ in
            model.resources.keysEverMade + model.tokens.issued
                + [configuration.clientSecret, configuration.identityHeader]
        }
    }
}
