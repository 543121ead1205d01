import Daemon
import Rotation
import UnixSignals

/// `keyturn status --watch` on a terminal: drawn anew in place every second.
struct StatusScreen {
    let source: StatusSource

    private static let interval = Duration.seconds(1)
    /// How soon a key, or another size of the window, is answered.
    private static let tick = Duration.milliseconds(100)

    /// Returns when the user wants no more of it. Throws when the daemon cannot be reached at the very beginning.
    func run() async throws {
        let latest = try await guarded { try await content(Terminal.output) }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in signals { return } }
            group.addTask { await loop(latest) }
            await group.next()
            group.cancelAll()
        }
    }

    /// What there is to see.
    private struct Content: Sendable {
        var lines: [String]
        /// Since when there is no answer, and why.
        var away: (since: Instant, why: String)?
    }

    private func loop(_ first: Content) async {
        var content = first
        var screen = Screen()
        defer { screen.leave() }
        var terminal = Terminal.output
        while !Task.isCancelled {
            guard draw(content, terminal, screen) else { return }
            let start = ContinuousClock.now
            // A list that takes long is not asked for all the time.
            var pause = Self.interval
            repeat {
                switch screen.key() {
                case .quit: return
                case .redraw: pause = .zero
                case nil: break
                }
                if Terminal.output != terminal { pause = .zero }
                if pause > .zero, (try? await Task.sleep(for: Self.tick)) == nil { return }
            } while ContinuousClock.now - start < pause
            terminal = Terminal.output
            await refresh(&content, terminal)
        }
    }

    private func refresh(_ content: inout Content, _ terminal: Terminal) async {
        do {
            content = try await self.content(terminal)
        } catch let error as ControlClient.Unreachable {
            content.away = (content.away?.since ?? SystemClock().now, error.description)
        } catch let error as StatusSource.NotThere {
            content.away = (content.away?.since ?? SystemClock().now, error.description)
        } catch {
            content.away = (content.away?.since ?? SystemClock().now, "\(error)")
        }
    }

    private func content(_ terminal: Terminal) async throws -> Content {
        // The title has a line of its own.
        let room = max(1, (terminal.height ?? 24) - 1)
        return Content(lines: try await source.lines(first: room, terminal, room: room), away: nil)
    }

    private func draw(_ content: Content, _ terminal: Terminal, _ screen: borrowing Screen) -> Bool {
        let now = SystemClock().now
        let title = "keyturn status\(source.name.map { " \($0)" } ?? "")  \(now.wholeSecond)  q quits"
        var lines = [terminal.styled(Lines.shortened(title, to: terminal.width ?? 80), .faint)]
        if let away = content.away {
            let text = "No answer since \(away.since.wholeSecond) (\(ShortSpan.text(now - away.since))): \(away.why)"
            lines += Lines.wrapped(text, to: terminal.width).map { terminal.styled($0, .bad) }
            lines += Lines.wrapped("What was seen last:", to: terminal.width).map { terminal.styled($0, .faint) }
        }
        return screen.draw(lines + content.lines, height: terminal.height ?? 24)
    }
}

/// `keyturn status --watch` where nothing can be drawn anew: a line for each change.
struct StatusChanges {
    let source: StatusSource
    let format: DataFormat

    /// What counts as a change.
    private struct State: Hashable {
        var health: String
        var reason: Reason?
        var phase: String
        var version: Int?
        var pausedBy: String?
        var pausedUntil: Instant?

        init(_ resource: StatusReport.Resource) {
            (health, reason, phase) = (resource.health, resource.reason, resource.phase)
            (version, pausedBy, pausedUntil) = (resource.version, resource.pausedBy, resource.pausedUntil)
        }
    }

    func run() async throws {
        var known: [String: State] = [:]
        var report: StatusReport? = try await guarded { try await source.report(first: nil) }
        var isAway = false
        while true {
            let start = ContinuousClock.now
            if let report {
                if isAway { printError("keyturn: the daemon answers again") }
                isAway = false
                guard try tell(report, &known) else { return }
            }
            // A list that takes long is not asked for all the time.
            try await Task.sleep(for: max(.seconds(1), (ContinuousClock.now - start) * 10))
            do {
                report = try await source.report(first: nil)
            } catch let error as ControlClient.Unreachable {
                if !isAway { printError("keyturn: \(error.description)") }
                (report, isAway) = (nil, true)
            } catch let error as StatusSource.NotThere {
                printError("keyturn: \(error.description)")
                throw ExitStatus.usage
            }
        }
    }

    /// False when nobody reads it any more.
    private func tell(_ report: StatusReport, _ known: inout [String: State]) throws -> Bool {
        var next: [String: State] = [:]
        for resource in report.resources {
            let state = State(resource)
            next[resource.name] = state
            guard known[resource.name] != state else { continue }
            guard StandardOutput.write(try line(resource) + "\n") else { return false }
        }
        for name in known.keys.sorted() where next[name] == nil {
            let now = SystemClock().now.wholeSecond
            guard format == .json || StandardOutput.write("\(now) \(name) left the configuration\n") else {
                return false
            }
        }
        known = next
        return true
    }

    private func line(_ resource: StatusReport.Resource) throws -> String {
        if format == .json { return try JSONText.encode(resource) }
        var line = "\(SystemClock().now.wholeSecond) \(resource.name) \(resource.health)"
        if let reason = resource.reason, resource.health != "paused" { line += " (\(reason.rawValue))" }
        line += " \(resource.phase)"
        if let keyType = resource.keyType { line += ", \(keyType) version \(resource.version ?? 0)" }
        if let operatorName = resource.pausedBy {
            line += ", paused by \(operatorName)" + (resource.pausedUntil.map { " until \($0)" } ?? "")
        }
        return line + (resource.detail.map { ": \($0)" } ?? "")
    }
}
