import ArgumentParser
import Daemon
import Rotation
import Systemd

/// `keyturn rotate --all`: a few at a time are asked for and followed to their end. The daemon paces them by what Azure's
/// limits leave.
struct RotationOfMany {
    let client: ControlClient
    let command: ControlAPI.Command
    /// No more are begun after so many failures in a row; 0: whatever fails.
    let stopAfter: Int
    let names: [String]
    let terminal: Terminal

    /// So that Ctrl-C, and failures in a row, stop most of what is to come.
    private static let usualAtATime = 16
    /// One whose failure may pass holds its place for so long.
    private static let grace = Duration.seconds(60)
    private static let patience = Duration.seconds(120)
    /// What no retry mends.
    private static let lasting: Set<Reason> = [.forbidden, .unauthenticated, .notFound, .locked]
    /// What is only a matter of time.
    private static let passing: Set<Reason> = [.throttled, .undecided, .conflict]

    private struct UnderWay {
        var version: Int
        var keyType: KeyType?
        /// What fails may be mended by now, and nobody has tried.
        var wasDegraded: Bool
        var since: ContinuousClock.Instant
    }

    private enum End: Equatable {
        case done(KeyType, version: Int)
        case failed(String)
    }

    private struct Progress {
        var waiting: ArraySlice<String>
        var underWay: [String: UnderWay] = [:]
        var done = 0
        var failures: [(name: String, why: String)] = []
        var refusals: [(name: String, why: String)] = []
        var failedInARow = 0
        var isStopped = false
    }

    /// Two rotations take ten minutes at the least, most of them spent waiting.
    private var atATime: Int { command.compromised == nil ? Self.usualAtATime : .max }

    func run() async throws {
        var progress = Progress(waiting: names[...])
        var away: ContinuousClock.Instant?
        while !progress.underWay.isEmpty || (!progress.waiting.isEmpty && !progress.isStopped) {
            let start = ContinuousClock.now
            do {
                while let name = progress.waiting.first, progress.underWay.count < atATime, !progress.isStopped {
                    try await begin(name, &progress)
                    show(progress)
                }
                try await look(&progress)
                away = nil
            } catch let error as ControlClient.Unreachable {
                let since = away ?? .now
                away = since
                guard .now - since < Self.patience else {
                    clear()
                    printError("keyturn: \(error.description)")
                    try summarize(progress)
                    throw ExitStatus.unavailable
                }
            }
            show(progress, isAway: away != nil)
            guard !progress.underWay.isEmpty || away != nil else { continue }
            try await Task.sleep(for: max(.milliseconds(200), (ContinuousClock.now - start) * 4))
        }
        clear()
        try summarize(progress)
    }

    private func begin(_ name: String, _ progress: inout Progress) async throws {
        let before = try await client.resource(name)
        let answer = try await client.command("rotate", resource: name, command)
        progress.waiting.removeFirst()
        guard answer.outcome == "accepted" else {
            let why = answer.detail ?? answer.reason ?? answer.outcome
            progress.refusals.append((name, why))
            return tell("\(name): \(answer.outcome): \(why)", .warning)
        }
        progress.underWay[name] = UnderWay(
            version: before?.version ?? 0, keyType: before?.keyType, wasDegraded: before?.health == "degraded",
            since: .now)
    }

    private func look(_ progress: inout Progress) async throws {
        let names = progress.underWay.keys.sorted()
        var resources: [String: StatusReport.Resource] = [:]
        if names.count <= Self.usualAtATime * 2 {
            for name in names { resources[name] = try await client.resource(name) }
        } else {
            for resource in try await client.status().resources { resources[resource.name] = resource }
        }
        for name in names {
            guard let begun = progress.underWay[name], let end = end(resources[name], begun) else { continue }
            progress.underWay[name] = nil
            conclude(name, end, begun, &progress)
        }
    }

    private func conclude(_ name: String, _ end: End, _ begun: UnderWay, _ progress: inout Progress) {
        switch end {
        case .done(let keyType, let version):
            progress.done += 1
            progress.failedInARow = 0
            guard !terminal.canMove else { return }
            let time = StatusDetail.seconds(.now - begun.since)
            StandardOutput.write("\(name): \(keyType) published as version \(version) and delivered (\(time))\n")
        case .failed(let why):
            progress.failures.append((name, why))
            progress.failedInARow += 1
            tell("\(name): \(why)", .bad)
            if stopAfter > 0, progress.failedInARow >= stopAfter, !progress.waiting.isEmpty, !progress.isStopped {
                progress.isStopped = true
                tell("\(stopAfter) failures in a row: \(progress.waiting.count) more are not begun", .bad)
            }
        }
    }

    /// nil while it goes on.
    private func end(_ resource: StatusReport.Resource?, _ begun: UnderWay) -> End? {
        guard let resource else { return .failed("left the configuration meanwhile") }
        if resource.health == "held" { return .failed("held: \(resource.detail ?? "")") }
        let isNew = (resource.version ?? 0) > begun.version
        let isWhole = command.compromised == nil || resource.keyType == begun.keyType
        if isNew, isWhole, resource.phase == "settled", let keyType = resource.keyType {
            return .done(keyType, version: resource.version ?? 0)
        }
        if resource.pausedBy != nil, resource.phase == "settled" { return .failed("paused meanwhile") }
        guard resource.health == "degraded", let reason = resource.reason, !Self.passing.contains(reason),
            reason != .keyTooOld
        else { return nil }
        let lasts = SystemClock().now - resource.since >= Self.grace && .now - begun.since >= Self.grace
        guard lasts || (Self.lasting.contains(reason) && !begun.wasDegraded) else { return nil }
        let state = isNew ? "published, but " : ""
        return .failed("\(state)\(reason.rawValue): \(Self.gist(resource.detail)); the daemon goes on trying")
    }

    /// Without Azure's own words in brackets: `keyturn status NAME` has them.
    private static func gist(_ detail: String?) -> String {
        var gist = ""
        for character in PrintableText.escaped(detail ?? "") {
            if character == "[", gist.hasSuffix(" ") { return String(gist.dropLast()) }
            gist.append(character)
        }
        return gist
    }

    private func show(_ progress: Progress, isAway: Bool = false) {
        guard terminal.canMove else { return }
        let ended = progress.done + progress.failures.count + progress.refusals.count
        let share = Double(ended) / Double(max(1, names.count))
        let bar = Bar.text(share, width: 20, isUnicode: terminal.isUnicode)
        var text = "\(bar) \(ended)/\(names.count)"
        if !progress.failures.isEmpty { text += ", \(progress.failures.count) failed" }
        if !progress.refusals.isEmpty { text += ", \(progress.refusals.count) refused" }
        if isAway {
            text += "; the daemon does not answer"
        } else if let first = progress.underWay.keys.min() {
            text +=
                "; rotating \(first)" + (progress.underWay.count > 1 ? " and \(progress.underWay.count - 1) more" : "")
        }
        StandardOutput.write("\r" + Lines.shortened(text, to: (terminal.width ?? 80) - 1) + "\u{1b}[K")
    }

    private func clear() {
        if terminal.canMove { StandardOutput.write("\r\u{1b}[K") }
    }

    private func tell(_ text: String, _ style: Style) {
        clear()
        StandardOutput.write(terminal.styled(text, style) + "\n")
    }

    /// - Throws: the exit status unless every one of them was rotated.
    private func summarize(_ progress: Progress) throws {
        var parts = ["\(progress.done) of \(names.count) rotated"]
        if !progress.failures.isEmpty { parts.append("\(progress.failures.count) failed") }
        if !progress.refusals.isEmpty { parts.append("\(progress.refusals.count) refused") }
        if !progress.underWay.isEmpty { parts.append("\(progress.underWay.count) under way") }
        if !progress.waiting.isEmpty { parts.append("\(progress.waiting.count) not begun") }
        StandardOutput.write(parts.joined(separator: ", ") + "\n")
        if progress.done < names.count { throw ExitStatus.temporary }
    }
}
