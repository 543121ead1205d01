import EventCatalog
import Rotation

/// Decides which failures and recoveries are a line of their own in the journal, so that an hour without Azure stays
/// readable with a thousand resources: the first few that fail for a reason are told at once, others together; what was
/// told is not told again but counted, and the count is told at growing intervals.
///
/// The history in the ledger has every one of them.
struct FailureLog {
    /// What becomes of one line of the history.
    struct Admission: Equatable {
        /// It is a line of the journal by itself.
        var isLine: Bool
        /// How long what has recovered was failing, where that is known.
        var lasted: Duration?
    }

    /// Lines of its own that a reason has at once, and how long until there is one more.
    static let burst = 3
    static let refill = Duration.seconds(300)
    /// How long names are gathered: the first time, the second, and so on.
    static let gathering: [Duration] = [.seconds(10), .seconds(60), .seconds(300), .seconds(900)]
    /// How long until what lasts is told again: the first time, the second, and so on.
    static let reminding: [Duration] = [.seconds(900)] + [1, 3, 6, 12, 24].map { .seconds($0 * 3600) }
    /// As long as this without a failure, it begins anew.
    static let quiet = Duration.seconds(3600)
    /// What began without a line of the history (before a restart, or a hold) is looked for so often.
    static let searching = Duration.seconds(300)

    /// All that fails, or failed a short while ago, for one reason.
    private struct Outbreak {
        var tokens = FailureLog.burst
        var refilledAt: Instant
        /// Who was told, or will be, to be failing, and since when.
        var known: [String: Instant] = [:]
        var gatheredFailing: [String] = []
        var gatheredRecovered: [String] = []
        var gatherings = 0
        var gatherUntil: Instant?
        var reminders = 0
        var remindAt: Instant?
        var lastActivity: Instant

        init(_ now: Instant) {
            refilledAt = now
            lastActivity = now
        }
    }

    private var outbreaks: [Reason: Outbreak] = [:]
    /// Whose regenerate was refused, and why.
    private var refused: [String: Reason] = [:]
    private var searchedAt = Instant.distantPast
    private var latest = Instant.distantPast

    /// When there is something to tell; nil when nothing is failing.
    var nextAt: Instant? {
        outbreaks.values.compactMap { outbreak in
            [outbreak.gatherUntil, outbreak.remindAt].compactMap { $0 }.min()
        }.min()
    }

    func isDue(_ now: Instant) -> Bool {
        now < latest || (nextAt ?? .distantFuture) <= now || now - searchedAt >= Self.searching
    }

    mutating func admission(of note: Note, _ name: String, _ now: Instant) -> Admission {
        switch note.kind {
        case .failed: Admission(isLine: failed(note.reason, name, now))
        case .recovered: recovered(note.reason, name, now)
        case .regenerateSent: Admission(isLine: refused[name] == nil)
        case .regenerateNotExecuted: Admission(isLine: regenerateRefused(note.reason, name, now))
        case .regenerateAnswered, .regenerateUndecided, .rotationRequested, .paused, .resumed, .held:
            tellAnew(name)
        default: Admission(isLine: true)
        }
    }

    private mutating func tellAnew(_ name: String) -> Admission {
        refused[name] = nil
        return Admission(isLine: true)
    }

    private mutating func regenerateRefused(_ reason: Reason?, _ name: String, _ now: Instant) -> Bool {
        guard refused[name] != reason else { return false }
        refused[name] = reason
        return failed(reason, name, now)
    }

    private mutating func failed(_ reason: Reason?, _ name: String, _ now: Instant) -> Bool {
        guard let reason else { return true }
        var outbreak = outbreaks[reason] ?? Outbreak(now)
        defer { outbreaks[reason] = outbreak }
        guard outbreak.known[name] == nil else { return false }
        outbreak.known[name] = now
        outbreak.lastActivity = now
        if outbreak.remindAt == nil { outbreak.remindAt = now + Self.reminding[0] }
        if Self.take(&outbreak, now) { return true }
        outbreak.gatheredFailing.append(name)
        Self.gather(&outbreak, now)
        return false
    }

    private mutating func recovered(_ reason: Reason?, _ name: String, _ now: Instant) -> Admission {
        refused[name] = nil
        guard let reason, var outbreak = outbreaks[reason], let since = outbreak.known.removeValue(forKey: name)
        else { return Admission(isLine: true) }
        defer { outbreaks[reason] = outbreak }
        outbreak.lastActivity = now
        // In the order in which it happened: who is gathered as failing has recovered after that was told.
        let isLine = !outbreak.gatheredFailing.contains(name) && Self.take(&outbreak, now)
        if !isLine {
            outbreak.gatheredRecovered.append(name)
            Self.gather(&outbreak, now)
        }
        return Admission(isLine: isLine, lasted: max(now - since, .zero))
    }

    private static func take(_ outbreak: inout Outbreak, _ now: Instant) -> Bool {
        if now < outbreak.refilledAt { outbreak.refilledAt = now }
        while outbreak.tokens < burst, now - outbreak.refilledAt >= refill {
            outbreak.tokens += 1
            outbreak.refilledAt = outbreak.refilledAt + refill
        }
        if outbreak.tokens == burst { outbreak.refilledAt = now }
        guard outbreak.tokens > 0 else { return false }
        outbreak.tokens -= 1
        return true
    }

    private static func gather(_ outbreak: inout Outbreak, _ now: Instant) {
        guard outbreak.gatherUntil == nil else { return }
        outbreak.gatherUntil = now + gathering[min(outbreak.gatherings, gathering.count - 1)]
        outbreak.gatherings += 1
    }
}

extension FailureLog {
    /// What is to be told now.
    ///
    /// - Parameter troubles: everything that is not well.
    mutating func summaries(_ troubles: [ResourceTrouble], _ now: Instant) -> [FailureSummary] {
        if now < latest { clockWasSetBack(now) }
        latest = now
        searchedAt = now
        let groups = Dictionary(grouping: troubles, by: \.reason)
        for reason in groups.keys where outbreaks[reason] == nil { outbreaks[reason] = Outbreak(now) }
        var summaries: [FailureSummary] = []
        for reason in outbreaks.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            summaries += tell(reason, groups[reason] ?? [], now)
        }
        return summaries
    }

    private mutating func tell(_ reason: Reason, _ group: [ResourceTrouble], _ now: Instant) -> [FailureSummary] {
        guard var outbreak = outbreaks[reason] else { return [] }
        var summaries = Self.gathered(&outbreak, reason, group, now)
        if group.isEmpty {
            outbreak.remindAt = nil
            outbreak.reminders = 0
        } else if let remindAt = outbreak.remindAt {
            if remindAt <= now {
                summaries.append(Self.reminder(reason, group))
                outbreak.reminders += 1
                outbreak.remindAt = now + Self.reminding[min(outbreak.reminders, Self.reminding.count - 1)]
            }
        } else {
            outbreak.remindAt = now + Self.reminding[0]
        }
        let isOver = group.isEmpty && outbreak.gatherUntil == nil && now - outbreak.lastActivity >= Self.quiet
        outbreaks[reason] = isOver ? nil : outbreak
        return summaries
    }

    private static func gathered(
        _ outbreak: inout Outbreak, _ reason: Reason, _ group: [ResourceTrouble], _ now: Instant
    ) -> [FailureSummary] {
        guard let until = outbreak.gatherUntil, until <= now else { return [] }
        defer {
            outbreak.gatherUntil = nil
            outbreak.gatheredFailing = []
            outbreak.gatheredRecovered = []
        }
        var summaries: [FailureSummary] = []
        if !outbreak.gatheredFailing.isEmpty {
            summaries.append(
                FailureSummary(
                    event: .alsoFailing, reason: reason, names: outbreak.gatheredFailing, failing: group.count,
                    since: group.map(\.since).min(), detail: group.last?.detail))
        }
        if !outbreak.gatheredRecovered.isEmpty {
            summaries.append(
                FailureSummary(
                    event: .alsoRecovered, reason: reason, names: outbreak.gatheredRecovered, failing: group.count))
        }
        return summaries
    }

    private static func reminder(_ reason: Reason, _ group: [ResourceTrouble]) -> FailureSummary {
        let longest = group.min { ($0.since, $0.name) < ($1.since, $1.name) }
        return FailureSummary(
            event: .stillFailing, reason: reason, names: group.map(\.name), failing: group.count,
            attempts: group.map(\.attempts).reduce(0, +), since: longest?.since, detail: longest?.detail,
            isHeld: group.contains(where: \.isHeld))
    }

    /// What waits for an instant far away now is told soon.
    private mutating func clockWasSetBack(_ now: Instant) {
        for reason in outbreaks.keys {
            if let until = outbreaks[reason]?.gatherUntil { outbreaks[reason]?.gatherUntil = min(until, now) }
            if let at = outbreaks[reason]?.remindAt {
                outbreaks[reason]?.remindAt = min(at, now + (Self.reminding.last ?? .zero))
            }
            outbreaks[reason]?.lastActivity = now
        }
    }
}
