import KeyMaterial
import Rotation

/// Azure Resource Manager: who makes and shows the keys.
package protocol KeyAuthority: Sendable {
    /// Both keys of the resource. Reads only; may be retried inside. Azure has a limit for it, which both methods share:
    /// what must wait too long for it fails with `throttled` and how long that would be.
    ///
    /// - Parameter urgency: `driftCheck` may be made to wait so that `work` need not.
    func listKeys(of resource: ManagedResource, urgency: Urgency) async throws(Failure) -> KeyListing

    /// Sends one `regenerateKey` request. It must not be sent a second time unless the first provably did not run; when
    /// that is not known the outcome is `.ambiguous`. A cancelled task does not cut a request that was sent.
    func regenerateKey(_ keyType: KeyType, of resource: ManagedResource) async -> RegenerateOutcome
}

/// The data plane: where a key shows whether it works.
package protocol KeyProbe: Sendable {
    /// One signed read-only call.
    func probe(_ connectionString: ConnectionString, of resource: ManagedResource) async -> ProbeOutcome
}

/// The secrets directory.
package protocol SecretPublisher: Sendable {
    /// What is there now, from the files themselves; nil when nothing is.
    func read(_ resource: ManagedResource) async throws(Failure) -> SecretsView?

    /// Puts the version there as a whole or not at all. Doing it again changes nothing.
    func publish(
        _ order: PublicationOrder, current: ConnectionString, previous: ConnectionString?, of resource: ManagedResource
    ) async throws(Failure)
}

/// The memory that survives the process.
package protocol RotationLedger: Sendable {
    /// Every resource that was ever managed, by name.
    func load() async throws(Failure) -> [String: StoredRotation]

    /// Replaces the resource's row and appends to its history, both or neither, durable on return.
    ///
    /// An Azure resource has one row: one that it had under another name goes. The row that another Azure resource had under
    /// this name is kept under the id of that one.
    func save(_ rotation: StoredRotation, notes: [Note], at now: Instant) async throws(Failure)
}

/// The consumers of a resource's keys.
package protocol ConsumerDelivery: Sendable {
    /// Tells each of the consumers, by the ids of `ManagedResource.settings.consumers`; nil is success.
    func deliver(_ published: Publication, to consumers: [String], of resource: ManagedResource) async -> [String:
        Failure?]
}

/// The time of day, and waiting.
package protocol WallClock: Sendable {
    var now: Instant { get }

    /// Sleeps for about `duration`; ends early with `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// One resource as the configuration has it.
package struct ManagedResource: Hashable, Sendable {
    package var id: ResourceID
    /// Of `settings`.
    package private(set) var name: String
    private var boxedSettings: Boxed<RotationSettings>

    package var settings: RotationSettings {
        get { boxedSettings.value }
        _modify {
            var changed = boxedSettings.value
            defer {
                boxedSettings = Boxed(changed)
                name = changed.name
            }
            yield &changed
        }
    }

    package init(id: ResourceID, settings: RotationSettings) {
        self.id = id
        name = settings.name
        boxedSettings = Boxed(settings)
    }
}

/// A resource's row in the ledger.
package struct StoredRotation: Hashable, Sendable {
    package var name: String
    package var id: ResourceID
    /// `record`, for those who read a few fields of it.
    package private(set) var boxedRecord: Boxed<RotationRecord>

    package init(name: String, id: ResourceID, record: RotationRecord) {
        self.init(name: name, id: id, boxed: Boxed(record))
    }

    init(name: String, id: ResourceID, boxed record: Boxed<RotationRecord>) {
        self.name = name
        self.id = id
        boxedRecord = record
    }

    package var phase: Phase { boxedRecord.value.phase }

    package var record: RotationRecord {
        get { boxedRecord.value }
        _modify {
            var changed = boxedRecord.value
            defer { boxedRecord = Boxed(changed) }
            yield &changed
        }
    }
}

extension [String: StoredRotation] {
    /// What saving one does to the rows of a ledger, by name.
    package mutating func save(_ rotation: StoredRotation) {
        if self[rotation.name]?.id != rotation.id {
            park(rotation.name)
            for name in keys where self[name]?.id == rotation.id { self[name] = nil }
        }
        self[rotation.name] = rotation
    }

    /// The name is another Azure resource's now: what is on record of this one is found by its id.
    mutating func park(_ name: String) {
        guard let row = removeValue(forKey: name) else { return }
        self[row.id.description] = row
    }
}

/// Everything the engine reaches the world through.
package struct EnginePorts: Sendable {
    package var authority: any KeyAuthority
    package var probe: any KeyProbe
    package var publisher: any SecretPublisher
    package var ledger: any RotationLedger
    package var delivery: any ConsumerDelivery
    package var clock: any WallClock

    package init(
        authority: any KeyAuthority, probe: any KeyProbe, publisher: any SecretPublisher, ledger: any RotationLedger,
        delivery: any ConsumerDelivery, clock: any WallClock
    ) {
        self.authority = authority
        self.probe = probe
        self.publisher = publisher
        self.ledger = ledger
        self.delivery = delivery
        self.clock = clock
    }
}
