import Delivery
import KeyturnConfig
import Logging
import Rotation
import RotationEngine
import SecretsDirectory
import Systemd

extension Diagnostic {
    /// For the journal: where, and what.
    var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["at": "\(mark)", "detail": "\(message)\(hint.map { "; \($0)" } ?? "")"]
        metadata["resource"] = resource.map { "\($0)" }
        return metadata
    }
}

extension Configuration.UnitToReload.Verb {
    package var unitVerb: UnitVerb {
        switch self {
        case .tryReloadOrRestart: .tryReloadOrRestart
        case .reloadOrRestart: .reloadOrRestart
        case .restart: .restart
        case .reload: .reload
        case .tryRestart: .tryRestart
        }
    }
}

/// A configuration with what its names mean on this machine: one immutable value that a reload swaps as a whole.
package struct LoadedConfiguration: Sendable {
    package let configuration: Configuration
    package let warnings: [Diagnostic]
    package let resources: [ManagedResource]
    package let secrets: SecretsDirectory
    /// Who is told of a resource's new versions, by the resource's name.
    let consumers: [String: [Consumer]]
    /// How a resource's files are to be, by the resource's name.
    let layouts: [String: ResourceLayout]
    /// The name of the credential of a resource that does not use the general one, by the resource's name.
    let credentials: [String: String]
    let path: String

    var secretsDirectory: String { configuration.secrets.directory }

    /// What Azure Resource Manager takes in each subscription.
    package var writeLimit: WriteLimit { configuration.azure.subscriptionWrites }

    /// What the names of users and groups, and the templates, came to when the files were read.
    private let resolved: ResolvedFiles

    /// - Parameter errors: what on this machine does not fit the configuration is appended, a line each.
    init(_ configuration: Configuration, warnings: [Diagnostic], path: String, errors: inout [String]) {
        let resolved = ResolvedFiles(configuration, path: path, errors: &errors)
        self.init(configuration, warnings: warnings, path: path, resolved)
    }

    /// - Parameter resolved: of a configuration with the same files, its own or those of its rules.
    init(_ configuration: Configuration, warnings: [Diagnostic], path: String, _ resolved: ResolvedFiles) {
        self.configuration = configuration
        self.warnings = warnings
        self.path = path
        self.resolved = resolved
        secrets = SecretsDirectory(path: configuration.secrets.directory)
        var consumers: [String: [Consumer]] = [:]
        var layouts: [String: ResourceLayout] = [:]
        for resource in configuration.resources {
            consumers[resource.name] =
                [resource.encryptedCredential].compactMap(\.self)
                + resource.reload.map { Consumer.unit($0.unit, $0.verb.unitVerb, timeout: $0.timeout) }
                + resource.run.map { Consumer.run($0.words, timeout: $0.timeout) }
            layouts[resource.name] = ResourceLayout(
                mode: configuration.secrets.mode, owner: nil, group: resolved.group,
                files: resource.files.compactMap { resolved.files[$0] })
        }
        self.consumers = consumers
        self.layouts = layouts
        credentials = Dictionary(
            configuration.resources.compactMap { resource in resource.credential.map { (resource.name, $0) } },
            uniquingKeysWith: { first, _ in first })
        let perSecond = Double(configuration.azure.subscriptionWrites.perHour) / 3600
        let counts = Dictionary(grouping: configuration.resources, by: \.id.subscription).mapValues(\.count)
        resources = configuration.resources.map { resource in
            ManagedResource(
                id: resource.id,
                settings: RotationSettings(
                    name: resource.name, policy: resource.policy,
                    consumers: consumers[resource.name, default: []].map(\.id.rawValue),
                    files: layouts[resource.name].map { StableHash.hex("\($0)") } ?? "",
                    policyName: resource.policyName,
                    spread: RotationSettings.spread(
                        resources: counts[resource.id.subscription] ?? 1, perSecond: perSecond)))
        }
    }

    /// The key type that the secrets directory holds for a resource; nil when nothing is published.
    package func publishedKeyType(_ name: String) throws(Failure) -> KeyType? {
        try published(name)?.keyType
    }

    /// What the secrets directory holds for a resource; nil when nothing is published.
    package func published(_ name: String) throws(Failure) -> PublishedSecret? {
        try secrets.read(name, layout: layouts[name] ?? ResourceLayout())
    }

    /// What cannot change while the daemon runs, in lines for the operator; empty when nothing of it did.
    func restartNeeded(instead running: LoadedConfiguration) -> [String] {
        let old = running.configuration
        let fixed: [(String, Bool)] = [
            ("azure", configuration.azure != old.azure),
            ("state.directory", configuration.state != old.state),
            ("secrets.directory", configuration.secrets.directory != old.secrets.directory),
            ("control.socket", configuration.control != old.control),
            ("metrics.listen", configuration.metrics != old.metrics),
        ]
        return fixed.filter(\.1).map { name, _ in
            "\(path): error: \(name) changed, which takes a restart: systemctl restart keyturn"
        }
    }

    /// With these resources, as if the files named them: what the files say goes on to mean what it did when they were
    /// read, whatever becomes of the user database meanwhile.
    func with(_ configuration: Configuration) -> LoadedConfiguration {
        LoadedConfiguration(configuration, warnings: warnings, path: path, resolved)
    }
}
