/// Where a resource stands. Each phase is on record before the step it names begins.
///
/// ```
///           adopt               due                                    listed           n of n probes
/// adopting ───────▶ settled ─────────▶ regenerating ────▶ confirming ─────────▶ verifying ────────▶ publishing
///                    ▲  ▲ ▲                 │ ?               │ contradiction      │ refused            │
///                    │  │ │                 ▼                 ▼                    ▼                    │
///                    │  │ └─ unchanged ─ uncertain ─▶ …    held (record.hold): nothing is regenerated    │
///                    │  └─────────────── delivering ◀────────────────────────────────────────────────────┘
///                    └── nothing to tell
/// ```
///
/// *Held* is not a phase of its own: `RotationRecord.hold` stops regenerates only, so that a resource that is held can
/// still mend a dead published key.
package indirect enum Phase: Hashable, Codable, Sendable {
    /// Nothing is known yet: the secrets directory and `listKeys` are asked which key is current.
    ///
    /// Can transition to: `.settled` (what is published is one of Azure's keys), `.verifying` (something must be
    /// published), `.delivering` (the ledger was lost, so it is not known whether consumers were told).
    case adopting

    /// The published key is one of Azure's two keys and consumers know it. Looks compare that from time to time.
    ///
    /// Can transition to: `.regenerating` (due, and the overlap has passed), `.verifying` (the current key changed
    /// behind our back), `.publishing` (the files were tampered with, or the other key changed), `.delivering` (the
    /// configuration names a consumer that was not told).
    case settled

    /// The regenerate of `intent` is on its way; it may be sent at any moment, or was.
    ///
    /// Can transition to: `.confirming` (answered), `.settled` (it provably did not run), `.uncertain` (anything else,
    /// a restart included).
    case regenerating(Intent)

    /// The regenerate may have run, or may still run. Only `listKeys` decides.
    ///
    /// Can transition to: `.verifying` (changed, and stable for `settle`), `.settled` (unchanged for `settle`: it did
    /// not run), `.verifying` of the current key with a hold (a key that was not asked for changed).
    case uncertain(Intent, Uncertainty)

    /// Azure answered with a new key; `listKeys` must show it.
    ///
    /// Can transition to: `.verifying` (it does), `.uncertain` (it shows a third value), `.settled` with a hold (no
    /// change within `settle`), `.verifying` of the current key with a hold (a key that was not asked for changed).
    case confirming(Intent, answered: Fingerprint, since: Instant)

    /// Signed calls are made with the key before anybody is told of it.
    ///
    /// Can transition to: `.publishing` (enough successes in a row), `.settled` with a hold (refused for too long while
    /// the current key works), `.verifying` (the key moved meanwhile, or the current one changed behind our back),
    /// `.publishing` of the current key (its files are not as they were published, which is more urgent).
    case verifying(Candidate)

    /// The files are being written. `order` is nil until a last `listKeys` agreed.
    ///
    /// Can transition to: `.delivering`, `.settled` (consumers need not be told), `.verifying` (the key moved).
    case publishing(Candidate, order: PublicationOrder?)

    /// Consumers are told of the current version, again and again until each of them took it.
    ///
    /// Can transition to: `.settled` (all told), `.verifying` (the current key changed behind our back), `.publishing`
    /// (the files were tampered with).
    case delivering

    var isSettled: Bool {
        if case .settled = self { true } else { false }
    }

    /// The stable word for the status, the ledger and the journal.
    package var name: String {
        switch self {
        case .adopting: "adopting"
        case .settled: "settled"
        case .regenerating: "regenerating"
        case .uncertain: "uncertain"
        case .confirming: "confirming"
        case .verifying: "verifying"
        case .publishing: "publishing"
        case .delivering: "delivering"
        }
    }
}

/// What is known about a regenerate whose outcome is not.
package struct Uncertainty: Hashable, Codable, Sendable {
    /// Unchanged since: the clock of "it did not run".
    package var since: Instant
    /// A new value of the key type, and since when it is stable: the clock of "it ran".
    package var seen: Fingerprint?
    package var seenSince: Instant?
    package var failure: Failure
}
