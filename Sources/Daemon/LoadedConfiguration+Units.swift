import KeyturnConfig
import Systemd

extension LoadedConfiguration {
    /// What the daemon needs to be allowed by polkit, when it is not root.
    package var unitGrants: [PolkitRules.Grant] {
        configuration.resources.flatMap(\.reload).map(\.grant)
    }
}

extension Configuration.UnitToReload {
    package var grant: PolkitRules.Grant {
        PolkitRules.Grant(unit: unit, verb: verb.unitVerb.polkitVerb)
    }
}
