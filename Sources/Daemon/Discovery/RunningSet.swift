import KeyturnConfig
import Rotation
import RotationEngine

/// What runs: the configuration of the files and, as if they named them, the resources that were discovered. A reload and
/// a discovery change it in the same way.
actor RunningSet {
    /// What a change came to.
    struct Change: Sendable {
        let former: [ManagedResource]
        let resources: [ManagedResource]
        /// Discovered resources that are not taken up.
        let refusals: [Configuration.Enrolment.Refusal]
    }

    nonisolated let running: RunningConfiguration
    private let engine: RotationEngine
    private(set) var file: LoadedConfiguration
    private(set) var discovered: [DiscoveredResource]
    /// Counts the configurations of the files.
    private(set) var fileGeneration = 0
    private var generation = 0

    /// - Parameter file: as it was loaded; `running` has what was discovered in it, too.
    init(
        file: LoadedConfiguration, discovered: [DiscoveredResource], running: RunningConfiguration,
        engine: RotationEngine
    ) {
        self.file = file
        self.discovered = discovered
        self.running = running
        self.engine = engine
    }

    func take(_ loaded: LoadedConfiguration) async -> Change {
        file = loaded
        fileGeneration += 1
        return await apply()
    }

    /// nil, and nothing changes, when the files were read anew meanwhile: it was made for others.
    func take(_ known: [DiscoveredResource], madeFor fileGeneration: Int) async -> Change? {
        guard fileGeneration == self.fileGeneration else { return nil }
        discovered = known
        return await apply()
    }

    /// Everything at one point of time.
    var state: (file: LoadedConfiguration, fileGeneration: Int, discovered: [DiscoveredResource]) {
        (file, fileGeneration, discovered)
    }

    private func apply() async -> Change {
        let former = running.value.resources
        let (whole, refusals) = file.enrolling(discovered)
        running.value = whole
        generation += 1
        var applied: Int
        repeat {
            // Another change may come meanwhile: whoever is last tells the engine of the latest.
            applied = generation
            await engine.reconfigure(running.value.resources)
        } while applied != generation
        return Change(former: former, resources: whole.resources, refusals: refusals)
    }
}

extension LoadedConfiguration {
    /// With the discovered resources that a rule covers, as if the files named them.
    package func enrolling(
        _ discovered: [DiscoveredResource]
    ) -> (LoadedConfiguration, [Configuration.Enrolment.Refusal]) {
        guard !discovered.isEmpty else { return (self, []) }
        let enrolment = configuration.enrolling(discovered)
        return (with(enrolment.configuration), enrolment.refusals)
    }
}
