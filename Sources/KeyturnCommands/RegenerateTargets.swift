import Rotation

/// The keys that one call of `keyturn regenerate` is for: one, or the same key type of each resource on standard input.
struct RegenerateTargets: Equatable {
    let targets: [RegenerateTarget]

    /// - Parameters:
    ///   - lines: resource ids, one a line; empty lines and those that begin with '#' do not count.
    ///   - naming: must name no resource of its own.
    init(
        lines: [String], _ naming: RegenerateTarget.Naming, defaultSubscription: String?
    ) throws(RegenerateTarget.Misnamed) {
        var targets: [RegenerateTarget] = []
        var firstLines: [ResourceID: Int] = [:]
        for (index, line) in lines.enumerated() {
            let id = line.trimmed
            guard !id.isEmpty, !id.hasPrefix("#") else { continue }
            var one = naming
            one.id = id
            let target: RegenerateTarget
            do {
                target = try RegenerateTarget(one, defaultSubscription: defaultSubscription)
            } catch {
                throw RegenerateTarget.Misnamed(description: "Standard input, line \(index + 1): \(error.description)")
            }
            // Regenerated twice, the value that was printed first would be dead.
            if let first = firstLines[target.id] {
                throw RegenerateTarget.Misnamed(
                    description: "Standard input, line \(index + 1): \(target.id) is in line \(first) already.")
            }
            firstLines[target.id] = index + 1
            targets.append(target)
        }
        guard !targets.isEmpty else {
            throw RegenerateTarget.Misnamed(
                description: "Which resources? There is no resource id on standard input; give one a line.")
        }
        self.targets = targets
    }
}

extension String {
    fileprivate var trimmed: String {
        let blanks: Set<Character> = [" ", "\t", "\r", "\u{feff}"]
        return String(drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed())
    }
}
