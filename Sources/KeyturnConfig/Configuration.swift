import Rotation

/// The whole configuration, validated: names resolve, spans fit together, every path is spelled out.
///
/// One immutable value, so that a reload swaps all of it or nothing.
package struct Configuration: Hashable, Sendable {
    package struct State: Hashable, Sendable {
        /// Where the ledger is.
        package let directory: String
    }

    package struct Secrets: Hashable, Sendable {
        package let directory: String
        /// The group (name or number) that may read the secrets; nil: the daemon's own.
        package let group: String?
        /// Permission bits of the published files.
        package let mode: UInt32
    }

    package struct Control: Hashable, Sendable {
        /// The unix socket of the control API; fits `sun_path`.
        package let socket: String
    }

    package struct Metrics: Hashable, Sendable {
        /// Where metrics are served over HTTP; nil: nowhere.
        package let listen: ListenAddress?
    }

    package let azure: Azure
    package let state: State
    package let secrets: Secrets
    package let control: Control
    package let metrics: Metrics
    package let policies: [String: Policy]
    /// In the order of the files, and as written in each. May be empty.
    package let resources: [Resource]
    /// Which others are taken up as they appear in Azure; the first rule that covers one counts.
    package let discover: [DiscoveryRule]
}
