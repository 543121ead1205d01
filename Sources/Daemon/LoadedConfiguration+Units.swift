import Delivery
import KeyturnConfig
import Systemd

extension LoadedConfiguration {
    /// What the daemon does to a unit, for which it needs polkit's permission when it is not root.
    package struct UnitNeed: Hashable, Sendable {
        package let verb: UnitVerb
        package let grant: PolkitRules.Grant
        /// What in the configuration makes it necessary.
        package let mark: SourceMark

        init(_ unit: String, _ verb: UnitVerb, at mark: SourceMark) {
            self.verb = verb
            self.mark = mark
            grant = PolkitRules.Grant(unit: unit, verb: verb.polkitVerb)
        }
    }

    package var unitNeeds: [UnitNeed] {
        configuration.resources.flatMap { resource in
            let credential = resource.encrypt.map { UnitNeed(resource.encryptUnit, .restart, at: $0.mark) }
            return [credential].compactMap(\.self)
                + resource.reload.map { UnitNeed($0.unit, $0.verb.unitVerb, at: $0.mark) }
        }
            + configuration.discover.flatMap { rule in
                rule.reload.map { UnitNeed($0.unit, $0.verb.unitVerb, at: $0.mark) }
            }
    }
}

extension Configuration.Resource {
    /// The unit that runs `keyturn encrypt` as root. Every name of a resource is good in the name of a unit.
    var encryptUnit: String { "keyturn-encrypt@\(name).service" }

    var encryptedCredential: Consumer? {
        encrypt.map { .credential($0.name, key: $0.key.rawValue, unit: encryptUnit) }
    }
}
