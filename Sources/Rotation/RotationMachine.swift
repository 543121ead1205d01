/// The rules for one resource: told what happened and what time it is, it says what to do next.
///
/// It does no IO, has no clock and never waits. `record` is what must be durable before the returned action is begun;
/// everything else is forgotten at a restart and found out again. The decision when a key turns is `rotationBlocker`.
package struct RotationMachine: Sendable {
    private var boxedSettings: Boxed<RotationSettings>
    /// Of the settings, computed once.
    private(set) var maxAge: Duration
    private(set) var lookInterval: Duration
    /// How long after it was due a key is too old where no age is set, and keys are not simply due after a period; nil:
    /// elsewhere.
    private(set) var ageAfterDue: Duration?
    /// `record`, for those who keep it as it is.
    package private(set) var boxedRecord: Boxed<RotationRecord>

    /// The action that was returned and not answered yet.
    package private(set) var awaited: Action?
    /// When it was returned: what its answer shows may be as old as that.
    private var asked = Instant.distantPast
    /// The answer before was too old to be of use.
    private var isAskedAgain = false
    /// The same for a probe of the current key.
    private var isProbedAgain = false
    /// Nothing is done before this instant, unless a command arrives; set where a phase waits between two steps.
    var waitUntil: Instant?
    /// The next look while nothing else happens; the distant past asks for one now.
    var nextLook = Instant.distantPast
    private var boxedSeen: Boxed<SecretsView>?
    private var boxedListing: Boxed<KeyFingerprints>?
    /// Listings since the last good one that contradicted themselves.
    var strangeListings = 0
    /// Since when every listing showed a value that was replaced before.
    var staleSince: Instant?
    /// The wait for `settle` that is under way.
    var settling: Settling?
    /// The same for listings that show a value that was replaced before.
    var stale: Settling?
    /// The wait for a key that is refused.
    var refusal: Settling?
    /// The wait for calls that say something about a key.
    var silence: Settling?
    /// Another value than that of the key that is to be published, and since when listings show it.
    var moving: (fingerprint: Fingerprint, since: Instant)?
    /// Since when no listing shows the key that the files hold, while nothing else is known of it.
    var unlistedSince: Instant?
    /// Until then what is due waits for a window or the end of a freeze; nil: for none.
    var opening: Instant?
    /// The same for a retirement.
    var retirementOpening: Instant?
    /// Something is due that waits for its hours.
    var awaitsOpening: Bool { opening != nil || retirementOpening != nil }
    /// What other resources of the policy forbid, as the engine saw it last; nil: nothing.
    package var peers: PeerBlocker?
    /// Azure's time in the last listing; nil: it had none.
    var listingDate: Instant?
    /// How much this machine's clock is ahead of Azure's, as the last listing showed; nil when it did not.
    var clockError: Duration?
    /// No look for the sake of a pause that has ended by this machine's clock before; Azure's said that it had not.
    var pauseLook = Instant.distantPast
    /// The probe under way is of the current key: before a regenerate, or to tell a bad key from an unusable probe.
    var probingBaseline = false
    /// The first look after the start has ended, well or not.
    package private(set) var lookedOnce = false
    /// What is published was so since the start.
    var hasPublished = false
    private var notes: [Note] = []

    package init(settings: RotationSettings, record: RotationRecord = RotationRecord()) {
        boxedSettings = Boxed(settings)
        boxedRecord = Boxed(record)
        maxAge = settings.policy.effectiveMaxAge
        lookInterval = settings.policy.lookInterval(name: settings.name)
        ageAfterDue = settings.policy.ageAfterDue
    }

    package var settings: RotationSettings {
        @inline(__always) get { boxedSettings.value }
    }

    /// What the look that is under way found in the secrets directory.
    var seenSecrets: SecretsView? {
        get { boxedSeen?.value }
        set { boxedSeen = newValue.map { Boxed($0) } }
    }

    /// What the last `listKeys` since the start showed.
    var listed: KeyFingerprints? {
        get { boxedListing?.value }
        set { boxedListing = newValue.map { Boxed($0) } }
    }

    package internal(set) var record: RotationRecord {
        @inline(__always) get { boxedRecord.value }
        _modify {
            // Nothing that is done to it throws, so that what comes after always comes.
            var changed = boxedRecord.value
            yield &changed
            boxedRecord = Boxed(consume changed)
        }
    }

    var policy: Policy {
        @inline(__always) get { boxedSettings.value.policy }
    }

    func trouble(with step: Trouble.Step) -> Trouble? {
        for trouble in boxedRecord.value.troubles where trouble.step == step { return trouble }
        return nil
    }

    package mutating func handle(_ event: Event, now: Instant) -> Output {
        notes = []
        let action: Action? =
            switch event {
            case .started: started(now)
            case .woke: awaited == nil ? next(now) : nil
            case .rotationRequested(let actor, let kind, let reason): rotationRequested(actor, kind, reason, now)
            case .pauseRequested(let actor, let until, let reason): pauseRequested(actor, until, reason, now)
            case .resumeRequested(let actor, let reason): resumeRequested(actor, reason, now)
            case .reconfigured(let settings): reconfigured(settings, now)
            default: answered(event, now)
            }
        if let action {
            awaited = action
            asked = now
        }
        return Output(action: action, notes: notes)
    }

    /// An answer that nobody waits for (a restart came between) is of no use any more.
    private mutating func answered(_ event: Event, _ now: Instant) -> Action? {
        let question = awaited
        awaited = nil
        switch (question, event) {
        case (.readSecrets, .secretsRead(let view)): return secretsRead(view)
        case (.readSecrets, .secretsReadFailed(let failure)): return failed(.look, failure, now)
        case (.listKeys, .keysListed(let keys, let serverDate)):
            if isOld(now) { return look() }
            lookedOnce = true
            return keysListed(keys, serverDate: serverDate, now)
        case (.listKeys, .listKeysFailed(let failure)): return listKeysFailed(failure, now)
        case (.probe, .probed(let outcome)): return probed(outcome, now)
        case (.regenerate, .regenerateAnswered(let outcome)): return regenerateAnswered(outcome, now)
        case (.publish, .published): return published(now)
        case (.publish, .publishFailed(let failure)): return failed(.publish, failure, now)
        case (.deliver(_, let consumers), .delivered(let results)): return delivered(results, of: consumers, now)
        default:
            awaited = question
            return nil
        }
    }

    /// The answer is older than any call takes: the machine slept before it was read, and since then everything may have
    /// changed. Once in a row, for it may also be the clock that was set.
    private mutating func isOld(_ now: Instant) -> Bool {
        isAskedAgain = !isAskedAgain && now - asked > Self.longestCall
        return isAskedAgain
    }

    /// The same for the probe before a regenerate, which some configurations let take longer.
    mutating func isProbeOld(_ now: Instant) -> Bool {
        isProbedAgain = !isProbedAgain && now - asked > Self.longestCall
        return isProbedAgain
    }

    /// How long after `instant` what was just answered was asked for. A machine that slept in between has old answers.
    func askedAfter(_ instant: Instant, _ now: Instant) -> Duration { min(asked, now) - instant }

    mutating func note(_ note: Note) {
        notes.append(note)
    }

    private mutating func started(_ now: Instant) -> Action? {
        // Also where the process lives on and could not write its record for a while: what was seen counts no more.
        let peers = peers
        self = RotationMachine(settings: settings, record: record)
        self.peers = peers
        if case .regenerating(let intent) = record.phase {
            // The process may have died right after the request left; nothing tells.
            let failure = Failure(.undecided, "the daemon stopped while the regenerate was on its way")
            becomeUncertain(intent, failure, now)
        }
        if case .verifying(var candidate) = record.phase {
            // Whether a refusal, or a success, came between is not known: it may have been the last thing that was not
            // written down.
            candidate.successes = 0
            candidate.deniedSince = nil
            record.phase = .verifying(candidate)
        }
        // A restart hurries what failed, except what changes keys.
        hurry(now, except: .regenerate)
        adapt()
        return look()
    }

    /// Compares the files and both keys with what is on record.
    mutating func look() -> Action {
        probingBaseline = false
        return .readSecrets
    }

    private mutating func secretsRead(_ view: SecretsView?) -> Action? {
        seenSecrets = view
        return .listKeys
    }

    /// So many listings in a row that contradict themselves are how Azure is.
    private static let strangeListingsBelieved = 3

    private mutating func listKeysFailed(_ failure: Failure, _ now: Instant) -> Action? {
        // Before that it may be one bad server.
        if failure.reason == .badConnectionString {
            strangeListings += 1
            if strangeListings >= Self.strangeListingsBelieved { hold(failure.reason, failure.detail, now) }
        }
        return failed(.look, failure, now)
    }

    /// Puts off what was being done; the phase stays.
    mutating func failed(_ step: Trouble.Step, _ failure: Failure, noted: Bool = false, _ now: Instant) -> Action? {
        lookedOnce = true
        probingBaseline = false
        trouble(step, failure, noted: noted, now)
        // Also when what it was for is not wanted any more: whether the trouble is over, nothing else tells.
        if step == .look { nextLook = .distantPast }
        return next(now)
    }

    /// Records a failure with the instant of the next attempt; the same failure again is counted, not noted.
    ///
    /// - Parameters:
    ///   - noted: a note that says more is written anyway.
    ///   - again: the time to the next attempt; nil: as the policy has it.
    mutating func trouble(
        _ step: Trouble.Step, _ failure: Failure, noted: Bool = false, again: Duration? = nil, _ now: Instant
    ) {
        let earlier = trouble(with: step)
        let count = (earlier?.count ?? 0) + 1
        let backoff = again ?? policy.backoff(count: count, reason: failure.reason)
        // A look costs Azure little, and consumers may have a dead key.
        let asked = step == .look ? failure.retryAfter.map { min($0, .seconds(3600)) } : failure.retryAfter
        let wait = max(backoff, asked ?? .zero)
        forget([step])
        record.troubles.append(
            Trouble(step: step, failure: failure, since: earlier?.since ?? now, count: count, retryAt: now + wait))
        if !noted, earlier?.failure.reason != failure.reason {
            note(Note(.failed, reason: failure.reason, detail: failure.detail, requestID: failure.requestID))
        }
    }

    /// A step succeeded: the trouble with it, if any, is over.
    mutating func recovered(_ step: Trouble.Step) {
        guard let trouble = trouble(with: step) else { return }
        forget([step])
        let times = trouble.count == 1 ? "1 failure" : "\(trouble.count) failures"
        note(Note(.recovered, reason: trouble.failure.reason, detail: "after \(times) since \(trouble.since)"))
    }

    /// Ends troubles without a word: what is noted instead says more.
    mutating func forget(_ steps: Set<Trouble.Step>) {
        record.troubles.removeAll { steps.contains($0.step) }
    }

    /// What failed is tried again now.
    ///
    /// - Parameter sparesAsked: not while Azure asked to be left alone.
    mutating func hurry(_ now: Instant, except step: Trouble.Step? = nil, sparesAsked: Bool = false) {
        for (index, trouble) in record.troubles.enumerated() where trouble.step != step {
            // Of the wait, what is ours.
            let backoff = policy.backoff(count: trouble.count, reason: trouble.failure.reason)
            let asked = sparesAsked ? trouble.failure.retryAfter : nil
            record.troubles[index].retryAt = asked.map { max(now, trouble.retryAt - max(.zero, backoff - $0)) } ?? now
        }
    }

    mutating func hold(_ reason: Reason, _ detail: String, _ now: Instant) {
        // A contradiction weighs more than a string that cannot be read.
        guard record.hold == nil || record.hold?.reason == .badConnectionString && reason != .badConnectionString
        else { return }
        record.hold = Hold(reason: reason, detail: detail, since: now)
        forget([.regenerate, .verify])
        note(Note(.held, reason: reason, detail: detail))
    }

    mutating func setSettings(_ settings: RotationSettings) {
        boxedSettings = Boxed(settings)
        maxAge = settings.policy.effectiveMaxAge
        lookInterval = settings.policy.lookInterval(name: settings.name)
        ageAfterDue = settings.policy.ageAfterDue
    }
}

extension Policy {
    /// Half a period.
    fileprivate var ageAfterDue: Duration? { maxAge == nil && timing != nil ? every / 2 : nil }
}

extension Instant {
    @inlinable package static var distantPast: Instant { Instant(unixMicroseconds: .min) }
    @inlinable package static var distantFuture: Instant { Instant(unixMicroseconds: .max) }
}
