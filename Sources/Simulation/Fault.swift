/// Something that can go wrong in a simulated world, or be done to it. Every seed turns a random subset on ("swarm
/// testing": a subset reaches states that everything at once hides).
package enum Fault: Int, CaseIterable, Sendable {
    // Calls to Azure, each with a probability.

    /// A regenerate runs; its answer is lost.
    case lostReply
    /// The answer of a regenerate is lost, and it runs up to ten minutes later.
    case lateLanding
    /// A regenerate is lost on its way.
    case lostRequest
    /// A regenerate that was answered runs a second time, later than `settle`.
    case duplicate
    /// 429 with `Retry-After`.
    case throttled
    /// 5xx; a regenerate may have run before it.
    case serverError
    /// A regenerate is answered with success and changes nothing.
    case noChange
    /// A regenerate changes the key type that was not asked for.
    case wrongKeyType
    /// A new key is refused by the data plane for up to twenty minutes.
    case slowPropagation
    /// A new key is accepted by one server of the data plane and refused by the next for a while.
    case flappingPropagation
    /// A signed call has no answer that says anything about the key.
    case probeInconclusive
    /// An answer takes up to a minute.
    case slowAnswer
    /// `listKeys` is answered by a server that learns of a change up to ten seconds later.
    case staleListing

    // Hours in which something does not work, beginning at random.

    /// No token can be had.
    case tokenFailure
    /// Azure Resource Manager cannot be reached.
    case azureOutage
    /// A lock, or a lost role assignment: listKeys and regenerateKey are refused.
    case refused
    /// The data plane refuses every key (`disableLocalAuth`).
    case keysRefused
    /// The secrets directory's disk is full.
    case diskFull
    /// The ledger cannot be written, or says so although it was.
    case ledgerFails
    /// Consumers cannot be told.
    case deliveryFails

    // What happens at random instants.

    /// Somebody else regenerates the key that is published.
    case outsideCurrent
    /// Somebody else regenerates the other key.
    case outsideOther
    /// The wall clock is set, by seconds to days, and set right after a while.
    case clockStep
    /// The machine sleeps.
    case suspend
    /// The process is killed between two steps.
    case kill
    /// The process is killed inside a step: in the middle of a publication or of writing the ledger.
    case killInside
    /// The machine loses power, between two steps or inside one.
    case powerFailure
    /// The daemon is restarted in order.
    case restart
    /// The ledger is gone at the next start.
    case ledgerLost
    /// The secrets directory is emptied.
    case secretsWiped
    /// A file in the secrets directory is changed, removed, or gets another mode.
    case secretsTampered
    /// A call to the disk fails with `EIO`.
    case diskError
    /// A new configuration with another policy, or other consumers.
    case reload
    /// A resource leaves the configuration and comes back.
    case removal
    /// A resource gets another name in the configuration.
    case renaming
    /// An operator pauses, and resumes.
    case pause
    /// An operator rotates by hand.
    case rotate
    /// An operator rotates by hand because a key is known to others.
    case compromised

    // Both of them as the others of their kind; here, so that the seeds of before mean what they did.

    /// Hours in which most listings contradict themselves: a connection string without its key, or with another one.
    case strangeListing
    /// The resource is deleted and made again under its name: both keys are others at once, perhaps at another endpoint.
    case recreated

    // The same for what Azure's documents leave open.

    /// The data plane goes on taking a key that was regenerated, for minutes or hours.
    case slowRevocation
    /// `listKeys` is answered by a server that learns late of changes, of each key type's by itself, though within
    /// `settle`.
    case laggingListing
    /// The answer of `listKeys` has no date, or that of a server with a clock of its own.
    case oddDate
    /// `Retry-After` of hours, or of no time at all, also from the data plane.
    case oddRetryAfter
    /// A regenerate is answered with what makes no sense: no key, the old key, 202, 409; or it changes both keys.
    case oddAnswer
    /// The connection of a regenerate breaks at any time; it runs at any time, also twice within `settle`.
    case brokenConnection
    /// Hours in which some servers refuse everything: 403, for they do not know of a role, or 404.
    case flappingAccess
    /// The resource is deleted, and made again hours later.
    case deleted
    /// A new key is refused by the data plane for hours, or accepted and then refused again.
    case hoursOfPropagation

    // More of what operators and Azure do to a resource.

    /// Two resources have each other's name in a new configuration.
    case exchanged
    /// Both connection strings name another endpoint with the same keys, and the old one is no more.
    case endpointMoved
    /// A regenerate that was answered runs a second time, within `settle`.
    case ranTwice
    /// The data plane cannot be reached from this host, or says nothing about keys, while all else works.
    case dataPlaneOutage
    /// A regenerate runs and is answered with 429, as if it had not.
    case throttledThoughRun

    package init?(name: String) {
        guard let fault = Fault.allCases.first(where: { $0.name == name }) else { return nil }
        self = fault
    }

    package var name: String { "\(self)" }

    /// Around what its rate is chosen: for faults of calls a probability, for the others a number of times a year.
    var usualRate: Double {
        switch self {
        case .lostReply, .lateLanding, .lostRequest, .serverError: 0.05
        case .duplicate, .noChange, .wrongKeyType: 0.02
        case .throttled, .probeInconclusive, .slowAnswer: 0.03
        case .staleListing: 0.2
        case .slowPropagation, .flappingPropagation: 0.2
        case .diskError: 0.0005
        case .tokenFailure, .azureOutage, .refused, .keysRefused, .diskFull, .ledgerFails, .deliveryFails: 4
        case .outsideCurrent, .outsideOther: 1.5
        case .clockStep: 12
        case .suspend: 4
        case .kill, .killInside, .powerFailure, .restart: 8
        case .ledgerLost, .secretsWiped: 1
        case .secretsTampered: 3
        case .reload: 6
        case .removal, .renaming: 1
        case .exchanged, .endpointMoved: 0.5
        case .pause: 2
        case .rotate: 6
        case .compromised: 1
        case .strangeListing: 2
        case .recreated, .deleted: 0.5
        case .slowRevocation: 0.2
        case .laggingListing: 0.1
        case .oddDate: 0.03
        case .oddRetryAfter: 0.004
        case .hoursOfPropagation: 0.02
        case .oddAnswer, .brokenConnection: 0.05
        case .ranTwice, .throttledThoughRun: 0.02
        case .dataPlaneOutage: 4
        case .flappingAccess: 3
        }
    }
}
