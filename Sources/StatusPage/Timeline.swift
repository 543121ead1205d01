import EventCatalog
import Rotation
import RotationEngine

/// The picture of one resource in time, as shapes whose places are given in hundredths of the axis: a lane for each of
/// the two keys, filled while that key is the published one, and shaded while it still works after that.
struct Timeline {
    /// A stretch of a lane.
    struct Stretch: Hashable {
        enum Kind: String { case current, overlap, planned, plannedOverlap = "planned-overlap" }

        let keyType: KeyType
        let kind: Kind
        let start: Instant
        let end: Instant
    }

    /// A moment.
    struct Mark: Hashable {
        enum Kind: String { case rotated, mended, adopted, retired, planned }

        let kind: Kind
        let keyType: KeyType
        let at: Instant
        /// For whoever points at it.
        let words: String
    }

    /// More marks than these are no picture any more.
    static let mostPlanned = 60

    let stretches: [Stretch]
    let marks: [Mark]
    /// Something is wrong, or stopped, since then.
    let trouble: (since: Instant, health: Health)?

    init(_ facts: ResourceFacts, _ range: TimeRange) {
        var stretches: [Stretch] = []
        var marks: [Mark] = []
        Self.past(facts, range.now, &stretches, &marks)
        Self.future(facts, range, &stretches, &marks)
        self.stretches = stretches.filter { $0.start < range.until && $0.end > range.from && $0.start < $0.end }
        self.marks = marks.filter { range.from <= $0.at && $0.at <= range.until }
        let status = facts.status
        trouble = status.health == .ok ? nil : (status.since, status.health)
    }

    /// What the history and the record say.
    private static func past(
        _ facts: ResourceFacts, _ now: Instant, _ stretches: inout [Stretch], _ marks: inout [Mark]
    ) {
        guard let current = facts.record.current else { return }
        var switches = facts.publications.filter { $0.purpose != .repair && $0.purpose != .retirement }
        if switches.last?.keyType != current.keyType {
            // The history may not reach so far back, or may be of another ledger.
            switches.append(
                PastPublication(
                    at: current.publishedAt, keyType: current.keyType, version: current.version,
                    purpose: facts.record.previousGoodUntil == nil ? .adoption : .rotation))
        }
        for (index, publication) in switches.enumerated() {
            let next = index + 1 < switches.count ? switches[index + 1].at : nil
            stretches.append(
                Stretch(keyType: publication.keyType, kind: .current, start: publication.at, end: next ?? now))
            guard publication.purpose == .rotation else { continue }
            // What was promised at an earlier one is not on record; the policy of today tells it about.
            let about = min(publication.at + facts.policy.overlap, next ?? .distantFuture)
            let until = next == nil ? facts.record.previousGoodUntil ?? about : about
            stretches.append(
                Stretch(keyType: publication.keyType.other, kind: .overlap, start: publication.at, end: until))
        }
        marks += facts.publications.compactMap(mark)
    }

    private static func mark(_ publication: PastPublication) -> Mark? {
        let (keyType, other) = (publication.keyType, publication.keyType.other)
        let (kind, words): (Mark.Kind, String)
        switch publication.purpose {
        case .rotation: (kind, words) = (.rotated, "\(keyType) published")
        case .mending: (kind, words) = (.mended, "\(keyType) published anew: another hand had changed it")
        case .adoption: (kind, words) = (.adopted, "\(keyType) first published")
        case .retirement: (kind, words) = (.retired, "\(other) regenerated, so that its old value died")
        case .repair: return nil
        }
        return Mark(
            kind: kind, keyType: kind == .retired ? other : keyType, at: publication.at,
            words: "\(words), version \(publication.version), \(TimeText.exact(publication.at))")
    }

    /// What the rules will do if nothing fails.
    private static func future(
        _ facts: ResourceFacts, _ range: TimeRange, _ stretches: inout [Stretch], _ marks: inout [Mark]
    ) {
        guard let current = facts.record.current else { return }
        var since = range.now
        var keyType = current.keyType
        for rotation in facts.plan.prefix(mostPlanned) {
            let words = "\(rotation.keyType) planned for \(TimeText.exact(rotation.at)): \(rotation.cause.words)"
            marks.append(Mark(kind: .planned, keyType: rotation.keyType, at: rotation.at, words: words))
            guard rotation.cause != .retire else { continue }
            stretches.append(Stretch(keyType: keyType, kind: .planned, start: since, end: rotation.at))
            stretches.append(
                Stretch(
                    keyType: rotation.keyType.other, kind: .plannedOverlap, start: rotation.at,
                    end: rotation.at + facts.policy.overlap))
            (since, keyType) = (rotation.at, rotation.keyType)
        }
        // Where more are planned than are drawn, the picture ends.
        if facts.plan.count <= mostPlanned {
            stretches.append(Stretch(keyType: keyType, kind: .planned, start: since, end: range.until))
        }
    }

    /// When rotations may begin, in hundredths of the axis. What nobody could tell apart is one, and nothing is too thin
    /// to be seen.
    static func hours(_ openings: Openings, _ range: TimeRange) -> [(start: Double, end: Double)] {
        var strips: [(start: Double, end: Double)] = []
        for interval in openings.intervals(from: range.from, until: range.until, limit: 2000) {
            let (start, end) = (range.place(interval.start), range.place(interval.end))
            if let last = strips.last, start - last.end < 0.2 {
                strips[strips.count - 1].end = end
            } else {
                strips.append((start, max(end, start + 0.2)))
            }
        }
        return strips
    }
}
