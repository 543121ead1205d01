import Rotation

/// Whether the spans of one policy fit together. A span that was refused takes part in no check.
struct PolicyChecks {
    let name: String
    let every: Setting<WrittenTimeSpan>
    let overlap: Setting<WrittenTimeSpan>
    let jitter: Setting<WrittenTimeSpan>
    let maxAge: Setting<WrittenTimeSpan>
    let settle: Setting<WrittenTimeSpan>
    let verification: Setting<PolicySection.Verify>
    let diagnostics: DiagnosticCollector

    /// What holds when a policy does not say.
    static let standard = Policy(every: .seconds(86_400 * 30), overlap: .seconds(86_400))

    private struct Span {
        let duration: Duration
        let text: String
        /// nil for a default.
        let mark: SourceMark?
    }

    /// Returns false when a span was refused, here or before.
    func run() -> Bool {
        let overlap = span(overlap, Self.standard.overlap)
        let jitter = span(jitter, .zero)
        let settle = span(settle, Self.standard.settle)
        guard let every = span(every, .zero), let everyMark = every.mark else {
            if let overlap { warnShortOverlap(overlap) }
            // With a calendar, the spans are compared with the time between its elapses.
            var isRefused = false
            if case .refused = maxAge { isRefused = true }
            if case .refused = verification { isRefused = true }
            return self.every.isAbsent && overlap != nil && jitter != nil && settle != nil && !isRefused
        }

        var isGood = overlap != nil && jitter != nil && settle != nil
        func require(
            _ condition: Bool, _ message: @autoclosure () -> String, _ hint: String? = nil, at mark: SourceMark?
        ) {
            guard !condition else { return }
            isGood = false
            diagnostics.error(message(), hint: hint, at: mark ?? everyMark)
        }
        if let overlap {
            if overlap.duration < every.duration { warnShortOverlap(overlap) }
            require(
                overlap.duration < every.duration,
                "overlap (\(overlap.text)) must be shorter than every (\(every.text)): the next rotation regenerates"
                    + " the key that overlap still protects", at: overlap.mark)
        }
        if let jitter {
            require(
                jitter.duration < every.duration,
                "jitter (\(jitter.text)) must be shorter than every (\(every.text))", at: jitter.mark)
        }
        if let settle {
            require(
                settle.duration < every.duration,
                "settle (\(settle.text)) must be shorter than every (\(every.text))", at: settle.mark)
        }
        requireVerification(before: every, require)
        if case .refused = maxAge { isGood = false }
        if case .refused = verification { isGood = false }
        if let maxAge = maxAge.value, let jitter {
            let least = every.duration + jitter.duration
            let sum = jitter.duration == .zero ? every.text : "\(every.text) + \(jitter.text)"
            require(
                maxAge.duration >= least,
                "maxAge (\(maxAge.text)) must be at least every + jitter (\(sum)): it would be passed before the key is"
                    + " due", at: self.maxAge.mark)
        }
        return isGood
    }

    private func requireVerification(
        before every: Span, _ require: (Bool, @autoclosure () -> String, String?, SourceMark?) -> Void
    ) {
        let verify = verification.isAbsent ? .on(Policy.Verification()) : verification.value
        guard let probes = verify?.verification else { return }
        let length = probes.spacing * (probes.probes - 1)
        let standard = verification.isAbsent ? " (the default)" : ""
        require(
            length < every.duration,
            "verify\(standard) takes \(TimeSpan.describe(length)), which must be shorter than every (\(every.text)):"
                + " \(probes.probes) probes, \(TimeSpan.describe(probes.spacing)) apart",
            "for example verify: {probes: 2, spacing: 1s}", verification.mark)
    }

    private func warnShortOverlap(_ overlap: Span) {
        guard let mark = overlap.mark, overlap.duration < .seconds(86_400) else { return }
        diagnostics.warning(
            "overlap \(overlap.text) of policy '\(name)' is shorter than 24h: an application that reads its connection"
                + " string once a day would be left with a dead key",
            hint: "keep it only if every consumer is reloaded by keyturn or watches its file", at: mark)
    }

    private func span(_ setting: Setting<WrittenTimeSpan>, _ standard: Duration) -> Span? {
        switch setting {
        case .given(let written, let mark): Span(duration: written.duration, text: written.text, mark: mark)
        case .absent: Span(duration: standard, text: "\(TimeSpan.describe(standard)), the default", mark: nil)
        case .refused: nil
        }
    }
}
