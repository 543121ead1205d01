import Logging

/// How an emulator is to be.
package struct EmulatorConfiguration: Sendable {
    /// ARM's throttle for one kind of call, per subscription.
    package struct Limit: Sendable, Hashable {
        package var capacity: Int
        package var refillPerSecond: Int

        package init(capacity: Int, refillPerSecond: Int) {
            self.capacity = capacity
            self.refillPerSecond = refillPerSecond
        }
    }

    package static let defaultTenantID = "00000000-0000-0000-0000-0000000000aa"
    package static let defaultClientID = "00000000-0000-0000-0000-0000000000cc"

    package static let defaultObjectID = "00000000-0000-0000-0000-0000000000dd"
    package static let defaultIdentityResourceID =
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/practice"
        + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/rotator"

    /// 0 for one that is free.
    package var port = 0
    package var resources: [EmulatedResourceID]
    package var tenantID = Self.defaultTenantID
    package var clientID = Self.defaultClientID
    package var clientSecret = GeneratedKey().text
    /// The certificates of the app registration, DER.
    package var clientCertificates: [[UInt8]] = []
    /// What else a managed identity is known by.
    package var objectID = Self.defaultObjectID
    package var identityResourceID = Self.defaultIdentityResourceID
    /// What App Service puts into `IDENTITY_HEADER`.
    package var identityHeader = GeneratedKey().text
    /// Where the agent of Azure Arc puts its challenges; nil: there is no agent.
    package var arcDirectory: String?
    /// Seconds that a token is good for.
    package var tokenLifetime = 3600
    /// Serve TLS only, under a certificate authority of the emulator's own.
    package var tls = false
    package var faults: [EmulatorFault] = []
    /// listKeys and regenerateKey. Both limits are ARM's own
    /// (learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling).
    package var writeLimit = Limit(capacity: 200, refillPerSecond: 10)
    package var readLimit = Limit(capacity: 250, refillPerSecond: 25)
    package var deleteLimit = Limit(capacity: 200, refillPerSecond: 10)
    /// Seconds that what is not done at once takes: a resource that is made or deleted, an email, a phone number.
    package var operationTime = 0.5
    /// The most entries on one page of a list; the next page is behind `nextLink`.
    package var pageSize = 100
    /// Gets one line a call, at `info`.
    package var logger = Logger(label: "acs-emulator") { _ in SwiftLogNoOpLogHandler() }

    package init(resources: [EmulatedResourceID]) {
        self.resources = resources
    }
}
