import Rotation
import RotationEngine

extension Timeline {
    /// What the picture shows, for those who do not see it.
    static func words(_ facts: ResourceFacts, _ range: TimeRange) -> String {
        let now = range.now
        var sentences: [String] = []
        if let current = facts.record.current {
            sentences.append(
                "\(current.keyType) is published since \(TimeText.exact(current.publishedAt))"
                    + " (\(TimeText.relative(current.publishedAt, now)))")
            if let until = facts.record.previousGoodUntil, until > now {
                sentences.append(
                    "\(current.keyType.other) still works until \(TimeText.exact(until))"
                        + " (\(TimeText.relative(until, now)))")
            }
        } else {
            sentences.append("nothing is published yet")
        }
        let past = facts.publications.filter { $0.purpose == .rotation && $0.at >= range.from }.count
        if past > 0 { sentences.append("\(past) \(past == 1 ? "rotation" : "rotations") in the time shown") }
        let planned = facts.plan.prefix(2).map { rotation in
            "\(rotation.keyType) \(TimeText.exact(rotation.at)) (\(TimeText.relative(rotation.at, now)))"
        }
        if !planned.isEmpty { sentences.append("planned: \(planned.joined(separator: ", "))") }
        if let openings = facts.policy.timing?.openings,
            let first = openings.frozen(from: now, until: range.until).first
        {
            let reason = first.freeze.reason.isEmpty ? "" : ", \(first.freeze.reason)"
            sentences.append(
                "frozen from \(TimeText.exact(first.interval.start)) to \(TimeText.exact(first.interval.end))\(reason)")
        }
        return "Timeline: \(sentences.joined(separator: "; "))."
    }
}
