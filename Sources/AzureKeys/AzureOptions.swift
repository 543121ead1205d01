import Rotation

/// What may be changed about the calls to Azure.
package struct AzureOptions: Hashable, Sendable {
    /// For one connection, its TLS handshake included.
    package var connectTimeout: Duration
    /// How long a connection is kept for the next call.
    package var idleTimeout: Duration
    /// For one call but `regenerateKey`, from the connection to the last byte of the answer.
    package var callTimeout: Duration
    /// For one `regenerateKey`.
    package var regenerateTimeout: Duration
    /// How long to look for a metadata service that may not be there; what the Azure SDKs take.
    package var metadataProbeTimeout: Duration
    /// The api-version of `listKeys` and `regenerateKey`; what the Azure CLI sends, and known in every cloud.
    package var keysAPIVersion: String
    /// The api-version of reading the resource: the first that shows `disableLocalAuth` and `publicNetworkAccess`.
    package var resourceAPIVersion: String
    /// The api-version of listing what the identity may do on a resource (Microsoft.Authorization).
    package var permissionsAPIVersion: String
    /// The api-version of listing the locks on a resource (Microsoft.Authorization).
    package var locksAPIVersion: String
    /// The api-version of listing subscriptions.
    package var subscriptionsAPIVersion: String
    /// The data-plane call that shows whether a key works.
    package var probe: ProbeRequest
    /// A `Retry-After` up to this long is waited out within a call; a longer one is the caller's business.
    package var longestWait: Duration
    /// Tries of a call that may be repeated.
    package var tries: Int
    /// What Azure lets this identity send to one subscription.
    package var subscriptionWrites: WriteLimit
    /// The same for reads.
    package var subscriptionReads: WriteLimit
    /// The longest that a request is held back because of these limits; a longer wait is the caller's business.
    package var patience: Duration
    /// What requests say they come from, so that Azure's support can tell them from others.
    package var userAgent: String

    package init(
        connectTimeout: Duration = .seconds(10), idleTimeout: Duration = .seconds(5),
        callTimeout: Duration = .seconds(30), regenerateTimeout: Duration = .seconds(60),
        metadataProbeTimeout: Duration = .seconds(1),
        keysAPIVersion: String = "2023-04-01",
        resourceAPIVersion: String = "2025-09-01", permissionsAPIVersion: String = "2022-04-01",
        locksAPIVersion: String = "2016-09-01", subscriptionsAPIVersion: String = "2020-01-01",
        probe: ProbeRequest = .rooms,
        longestWait: Duration = .seconds(10), tries: Int = 3, subscriptionWrites: WriteLimit = .azure,
        subscriptionReads: WriteLimit = .azureReads, patience: Duration = .seconds(30), userAgent: String = "keyturn"
    ) {
        self.connectTimeout = connectTimeout
        self.idleTimeout = idleTimeout
        self.callTimeout = callTimeout
        self.regenerateTimeout = regenerateTimeout
        self.metadataProbeTimeout = metadataProbeTimeout
        self.keysAPIVersion = keysAPIVersion
        self.resourceAPIVersion = resourceAPIVersion
        self.permissionsAPIVersion = permissionsAPIVersion
        self.locksAPIVersion = locksAPIVersion
        self.subscriptionsAPIVersion = subscriptionsAPIVersion
        self.probe = probe
        self.longestWait = longestWait
        self.tries = tries
        self.subscriptionWrites = subscriptionWrites
        self.subscriptionReads = subscriptionReads
        self.patience = patience
        self.userAgent = userAgent
    }
}
