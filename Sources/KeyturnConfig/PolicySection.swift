import Rotation

/// Reads one entry of `policies`.
struct PolicySection {
    let name: String
    /// Where the name stands.
    let mark: SourceMark
    let context: ReadingContext

    private var diagnostics: DiagnosticCollector { context.diagnostics }

    static let day: Duration = .seconds(86_400)
    static let periods: ClosedRange<Duration> = .seconds(1)...(day * 3650)
    static let jitters: ClosedRange<Duration> = .zero...(day * 3650)
    static let ages: ClosedRange<Duration> = .seconds(1)...(day * 7300)
    static let settles: ClosedRange<Duration> = .seconds(1)...(.seconds(3600))
    static let driftChecks: ClosedRange<Duration> = .seconds(1)...(day * 7)
    static let spacings: ClosedRange<Duration> = .zero...(.seconds(3600))
    static let probeTimeouts: ClosedRange<Duration> = .seconds(1)...day
    static let retries: ClosedRange<Duration> = .milliseconds(100)...day
    static let retryCounts = 1...20
    static let probes = 1...100
    static let failures = 1...1000

    /// nil, after a report, when anything in it is wrong.
    func read(_ node: YAMLNode) -> Policy? {
        guard
            let reader = SettingsReader(
                node, "policy '\(name)'", Self.shape, at: mark, diagnostics)
        else {
            return nil
        }
        let timing = TimingSection(surroundings: context.surroundings, diagnostics: diagnostics).read(reader)
        let every = every(reader)
        let overlap = span(reader, "overlap", in: Self.periods)
        let jitter = span(reader, "jitter", in: Self.jitters)
        let maxAge = span(reader, "maxAge", in: Self.ages)
        let settle = span(reader, "settle", in: Self.settles)
        let verification = reader.setting("verify") { readVerification($0) }
        let checks = PolicyChecks(
            name: name, every: every, overlap: overlap, jitter: jitter, maxAge: maxAge, settle: settle,
            verification: verification, diagnostics: diagnostics)
        let isSound = checks.run()
        guard var policy = readOthers(reader), isSound, let timing, !reader.hasUnknownKeys else { return nil }
        policy.every = every.value?.duration ?? .zero
        policy.overlap = overlap.value?.duration ?? PolicyChecks.standard.overlap
        policy.jitter = jitter.value?.duration ?? .zero
        policy.maxAge = maxAge.value?.duration
        policy.settle = settle.value?.duration ?? PolicyChecks.standard.settle
        policy.verification = (verification.value ?? .on(Policy.Verification())).verification
        policy.timing = timing.timing
        guard retirementFits(policy, overlap.value?.text, every) else { return nil }
        let proof = ScheduleProof(
            name: name, mark: mark, timing: timing, maxAge: maxAge, now: context.surroundings.now,
            diagnostics: diagnostics)
        return proof.run(policy)
    }

    /// The overlap of a retirement follows that of the rotation, and the next rotation waits for its end.
    private func retirementFits(_ policy: Policy, _ overlap: String?, _ every: Setting<WrittenTimeSpan>) -> Bool {
        guard policy.retire, case .given(let period, let mark) = every,
            (policy.overlap + policy.probingTime) * 2 > period.duration
        else { return true }
        let text = overlap ?? "\(TimeSpan.describe(policy.overlap)), the default"
        diagnostics.error(
            "overlap (\(text)) and the probes (\(TimeSpan.describe(policy.probingTime))) must fit twice into every"
                + " (\(period.text)) with retire: the retirement has an overlap of its own, and the next rotation waits for"
                + " its end", hint: "retire: false, a shorter overlap, or a longer every", at: mark)
        return false
    }

    /// What is one setting alone; nil when something is wrong.
    private func readOthers(_ reader: SettingsReader) -> Policy? {
        let driftCheck = span(reader, "driftCheck", in: Self.driftChecks)
        let mode = reader.setting("mode") { $0.word("mode", Policy.Mode.self, diagnostics) }
        let retire = reader.setting("retire") { $0.boolean("retire", diagnostics) }
        let retry = reader.setting("retry") { readRetry($0) }
        let onDeadline = reader.setting("onDeadline") { $0.word("onDeadline", Policy.OnDeadline.self, diagnostics) }
        let canary = reader.setting("canary") { $0.text("canary", "the name of a resource", diagnostics) }
        let stopAfter = reader.setting("stopAfter") { $0.integer("stopAfter", in: Self.failures, diagnostics) }
        if case .given(.rotate, let mark) = onDeadline, !reader.mentions("maxAge") {
            diagnostics.error(
                "onDeadline: rotate needs 'maxAge', the age at which it rotates", hint: "for example maxAge: 45d",
                at: mark)
            return nil
        }
        guard let mode = settled(mode, .auto), let retire = settled(retire, false),
            let retry = settled(retry, Policy.defaultRetry),
            let driftCheck = settled(driftCheck, PolicyChecks.standard.driftCheck),
            let onDeadline = settled(onDeadline, .alert), canary.isAbsent || canary.value != nil,
            stopAfter.isAbsent || stopAfter.value != nil
        else { return nil }
        var policy = PolicyChecks.standard
        (policy.mode, policy.retire, policy.retry, policy.driftCheck) = (mode, retire, retry, driftCheck)
        (policy.onDeadline, policy.canary, policy.stopAfter) = (onDeadline, canary.value, stopAfter.value)
        return policy
    }

    /// Absent where a calendar expression stands in its place.
    private func every(_ reader: SettingsReader) -> Setting<WrittenTimeSpan> {
        let every = reader.setting("every") { $0.timeSpan("every", in: Self.periods, diagnostics) }
        let hasCalendar = reader.mentions("calendar")
        if hasCalendar, let mark = reader.keyMark("every") {
            diagnostics.error(
                "policy '\(name)' has both 'every' and 'calendar'", hint: "keep one: a period, or dates", at: mark)
            return .refused
        }
        guard every.isAbsent, !hasCalendar else { return every }
        diagnostics.error(
            "policy '\(name)' needs 'every' or 'calendar'", hint: "for example every: 30d, or calendar: monthly",
            at: mark)
        return .refused
    }

    /// What `verify` says.
    enum Verify {
        case off
        case on(Policy.Verification)

        var verification: Policy.Verification? {
            if case .on(let verification) = self { verification } else { nil }
        }
    }

    private func span(
        _ reader: SettingsReader, _ key: String, in range: ClosedRange<Duration>
    ) -> Setting<WrittenTimeSpan> {
        reader.setting(key) { $0.timeSpan(key, in: range, diagnostics) }
    }

    /// nil when what was written is wrong.
    private func settled<Value>(_ setting: Setting<Value>, _ standard: Value) -> Value? {
        setting.isAbsent ? standard : setting.value
    }

    private func settled(_ setting: Setting<WrittenTimeSpan>, _ standard: Duration) -> Duration? {
        setting.isAbsent ? standard : setting.value?.duration
    }

    /// YAML 1.1 takes `off` for false, so tools that rewrite files turn one into the other.
    private func readVerification(_ node: YAMLNode) -> Verify? {
        let standard = Policy.Verification()
        if case .scalar(let scalar) = node.content {
            switch scalar.text {
            case "off", "false": return .off
            case "on", "true": return .on(standard)
            default:
                diagnostics.error(
                    "verify must be off or a mapping, not \(node.isNothing ? "nothing" : "'\(clipped(scalar.text))'")",
                    hint: "for example verify: {probes: 3, spacing: 10s, timeout: 15m}", at: node.mark)
                return nil
            }
        }
        guard
            let reader = SettingsReader(
                node, "verify of policy '\(name)'", Self.verificationShape, diagnostics)
        else { return nil }
        let probes = reader.setting("probes") { $0.integer("probes", in: Self.probes, diagnostics) }
        let spacing = span(reader, "spacing", in: Self.spacings)
        let timeout = span(reader, "timeout", in: Self.probeTimeouts)
        guard let probes = settled(probes, standard.probes), let spacing = settled(spacing, standard.spacing),
            let timeout = settled(timeout, standard.timeout), !reader.hasUnknownKeys
        else { return nil }
        return .on(Policy.Verification(probes: probes, spacing: spacing, timeout: timeout))
    }

    private func readRetry(_ node: YAMLNode) -> [Duration]? {
        guard let items = node.list("retry", "[10s, 1min, 5min, 15min, 1h]", diagnostics) else { return nil }
        guard Self.retryCounts.contains(items.count) else {
            diagnostics.error("retry must have 1 to 20 time spans, not \(items.count)", at: node.mark)
            return nil
        }
        var spans: [WrittenTimeSpan] = []
        for item in items {
            guard let span = item.timeSpan("retry", in: Self.retries, diagnostics) else { continue }
            if let last = spans.last, span.duration < last.duration {
                diagnostics.error(
                    "retry must not get shorter: \(span.text) follows \(last.text)", at: item.mark)
                return nil
            }
            spans.append(span)
        }
        return spans.count == items.count ? spans.map(\.duration) : nil
    }
}
