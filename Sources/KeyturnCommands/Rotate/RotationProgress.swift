import ArgumentParser
import Daemon
import Ledger
import Rotation
import Systemd

/// Follows one rotation that was asked for: each step as the history has it, with its time.
struct RotationProgress {
    private let name: String
    private let client: ControlClient
    /// Both keys are rotated.
    private let isDouble: Bool
    private let versionBefore: Int
    private let keyTypeBefore: KeyType?
    /// The last event of before.
    private var lastID: Int64

    /// A daemon that restarts comes back within that.
    private static let patience = Duration.seconds(120)
    private static let interval = Duration.milliseconds(200)

    /// To be made before the rotation is asked for.
    init(
        _ name: String, _ before: StatusReport.Resource?, _ client: ControlClient, isDouble: Bool
    ) async throws {
        self.name = name
        self.client = client
        self.isDouble = isDouble
        versionBefore = before?.version ?? 0
        keyTypeBefore = before?.keyType
        lastID = try await client.history(LedgerQuery(resource: name, limit: 1)).first?.id ?? 0
    }

    /// Prints each change until the new version is delivered; of two rotations, until the second one is, which is of the
    /// same key type as what was published before the first.
    ///
    /// - Throws: the exit status when it is held, or the daemon stays away.
    func follow(_ terminal: Terminal) async throws {
        var following = self
        var view = StepView(name: name, terminal: terminal)
        defer { view.clear() }
        var away: ContinuousClock.Instant?
        while true {
            do {
                // The state first: what led to it is in the history by then.
                let resource = try await client.resource(name)
                let events = try await client.history(LedgerQuery(resource: name, after: following.lastID, limit: 1000))
                away = nil
                if try following.tell(resource, events.reversed(), &view) { return }
            } catch let error as ControlClient.Unreachable {
                let since = away ?? .now
                away = since
                guard .now - since < Self.patience else {
                    view.clear()
                    printError("keyturn: \(error.description)")
                    throw ExitStatus.unavailable
                }
                view.state("the daemon does not answer; waiting for it", isNews: true)
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    /// True when it has come to its end.
    private mutating func tell(
        _ resource: StatusReport.Resource?, _ events: [HistoryEntry], _ view: inout StepView
    ) throws -> Bool {
        for event in events {
            view.step(event)
            lastID = event.id
        }
        guard let resource else {
            view.clear()
            printError("keyturn: \(name): left the configuration meanwhile")
            throw ExitStatus.failure
        }
        if resource.health == "held" {
            view.clear()
            printError("keyturn: \(name): held: \(resource.detail ?? resource.reason?.rawValue ?? "")")
            throw ExitStatus.temporary
        }
        if isDone(resource), let keyType = resource.keyType {
            view.clear()
            StandardOutput.write(
                "\(name): \(keyType) published as version \(resource.version ?? 0) and delivered\n")
            return true
        }
        if resource.pausedBy != nil, resource.phase == "settled" {
            view.clear()
            printError("keyturn: \(name): paused meanwhile; nothing was published")
            throw ExitStatus.temporary
        }
        view.state(Self.state(resource), isNews: Self.isNews(resource))
        return false
    }

    private func isDone(_ resource: StatusReport.Resource) -> Bool {
        let isNew = (resource.version ?? 0) > versionBefore
        return isNew && resource.phase == "settled" && (!isDouble || resource.keyType == keyTypeBefore)
            && resource.details?.requested == nil
    }

    /// There is more to say than that the next step of the history is awaited.
    private static func isNews(_ resource: StatusReport.Resource) -> Bool {
        guard let details = resource.details else { return false }
        return details.probes != nil || !details.troubles.isEmpty
            || (details.requested?.compromised != nil && resource.phase == "settled")
    }

    /// What is going on, in a few words.
    static func state(_ resource: StatusReport.Resource) -> String {
        var text = resource.phase
        if let probes = resource.details?.probes {
            text += ": probe \(probes.succeeded) of \(probes.needed) succeeded"
        } else if let requested = resource.details?.requested, resource.phase == "settled",
            let until = resource.previousGoodUntil, until > SystemClock().now
        {
            text = "waiting for the overlap to end at \(until.wholeSecond)"
            if requested.rotationsLeft == 1 { text += ", then the other key" }
        }
        if let trouble = resource.details?.troubles.first {
            text +=
                " (\(trouble.reason.rawValue), \(trouble.count == 1 ? "once" : "\(trouble.count) times");"
                + " again at \(trouble.retryAt.wholeSecond))"
        } else if let reason = resource.reason {
            text += " (\(reason.rawValue))"
        }
        return text
    }
}

/// Lines of steps, and under them, on a terminal, what is going on now.
struct StepView {
    let name: String
    let terminal: Terminal
    private var first: Instant?
    private var last = ""

    init(name: String, terminal: Terminal) {
        self.name = name
        self.terminal = terminal
    }

    mutating func step(_ entry: HistoryEntry) {
        let start = first ?? entry.at
        first = start
        clear()
        let clock = entry.at.wholeSecond.description.dropFirst(11)
        let after = Lines.padded("+\(StatusDetail.seconds(entry.at - start))", to: 7)
        let text = terminal.styled(Self.words(entry), HistoryTable.style(entry))
        StandardOutput.write("\(name): \(clock) \(after) \(text)\n")
    }

    /// On a terminal in place of what it was before, in a pipe a line when it is news.
    mutating func state(_ text: String, isNews: Bool) {
        if terminal.canMove {
            let elapsed = first.map { " (\(StatusDetail.seconds(SystemClock().now - $0)))" } ?? ""
            let line = Lines.shortened("\(name): \(text)\(elapsed)", to: (terminal.width ?? 80) - 1)
            StandardOutput.write("\r" + terminal.styled(line, .faint) + "\u{1b}[K")
            last = text
        } else if isNews, text != last {
            StandardOutput.write("\(name): \(text)\n")
            last = text
        }
    }

    mutating func clear() {
        guard terminal.canMove, !last.isEmpty else { return }
        StandardOutput.write("\r\u{1b}[K")
        last = ""
    }

    static func words(_ entry: HistoryEntry) -> String {
        let key = entry.keyType ?? "key"
        let detail = PrintableText.escaped(entry.detail ?? "")
        let request = entry.requestID.map { " (request \($0))" } ?? ""
        let reason = entry.reason == entry.event ? nil : entry.reason
        let why = [reason, detail.isEmpty ? nil : detail].compactMap(\.self).joined(separator: ": ")
        switch Note.Kind(rawValue: entry.event) {
        case .rotationRequested: return "asked for by \(PrintableText.escaped(entry.actor))"
        case .regenerateSent: return "regenerate of \(key) sent"
        case .regenerateAnswered: return "regenerate answered\(request)"
        case .regenerateNotExecuted: return "regenerate did not run: \(why)\(request)"
        case .regenerateUndecided: return "regenerate undecided: \(why)\(request)"
        case .regenerateDidNotRun: return "regenerate did not run; it is tried again"
        case .keyConfirmed: return "Azure lists the new \(key) key"
        case .keyVerified: return "verified: \(detail)"
        case .keyUnverified: return "not verified: \(why)\(request)"
        case .published: return "\(key) published as version \(entry.version ?? 0)"
        case .delivered: return "told: \(detail)"
        case .failed: return "failing: \(why)\(request)"
        default: return entry.event + (why.isEmpty ? "" : ": \(why)")
        }
    }
}
