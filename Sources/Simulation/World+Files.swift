import KeyMaterial
import Rotation
import RotationEngine

/// Who changed what consumers can read.
enum Hand {
    case daemon, other, disk
}

/// What consumers can read, and whether it works: laws 3, 4 and 5.
extension World {
    func connectionStringPath(_ file: Int) -> String { "\(path(of: files[file].name))/connection-string" }

    func look(at file: Int, _ hand: Hand) {
        guard files[file].isManaged else { return }
        wasSwitched(file, to: disk.contents(connectionStringPath(file)), hand)
    }

    /// The file of a resource has another content.
    func wasSwitched(_ file: Int, to content: [UInt8]?, _ hand: Hand) {
        let before = files[file]
        guard content != before.content else { return }
        let service = before.service
        let key = content.flatMap { self.key(service, $0) }
        checkSwitch(file, from: before, to: content, key, hand)
        files[file].content = content
        files[file].key = key
        if hand == .other {
            files[file].isExcused = true
            facts[service].tamperedAt = now
        }
        if hand == .daemon, key != nil, let content { files[file].unreturned.append(content) }
        if hand == .disk { files[file].undoneAt = now }
        if let key, key != before.lastKey { readersGet(file, key, insteadOf: before.lastKey, hand) }
        noteHealth(of: file)
    }

    /// Consumers that read from now on get another key.
    private func readersGet(_ file: Int, _ key: Int, insteadOf old: Int?, _ hand: Hand) {
        let service = files[file].service
        trace.write(
            now, "\(files[file].name): consumers read key \(key) instead of \(old.map(String.init) ?? "none") (\(hand))"
        )
        files[file].replaced.removeAll { $0.key == key || $0.goodUntil < now }
        // What a hand put there and a power failure undid was never published, and the daemon need not have seen it.
        let wasPlaced = hand == .disk && files[file].isExcused
        if let old, services[service].keys[old].diedAt == nil, !wasPlaced, files[file].notice == .kept {
            // What a hand had put there is not superseded by a rotation either, and nothing is by what another hand made.
            let isRotation =
                services[service].keys[old].keyType != services[service].keys[key].keyType
                && services[service].keys[key].request != nil
                && !(files[file].isExcused && services[service].keys[old].wasPlacedByHand)
            files[file].replaced.append(
                VisibleFile.Replaced(
                    key: old, replacedAt: now, by: hand, goodUntil: now + overlap(of: service, rotating: isRotation)))
        }
        if hand == .other, files[file].content != nil { services[service].keys[key].wasPlacedByHand = true }
        if hand == .daemon { checkPublication(file, key, insteadOf: old) }
        services[service].keys[key].publishedAt = services[service].keys[key].publishedAt ?? now
        files[file].lastKey = key
        files[file].notice = hand == .other ? .none : .kept
        // What a hand put there since the last look was superseded unseen.
        if hand == .daemon, facts[service].tamperedAt <= files[file].lookedAt { files[file].since = now }
    }

    /// A publication returned: from now on it must survive everything.
    func wasPublished(_ file: Int, insteadOf former: String?) {
        files[file].durable = files[file].content
        files[file].unreturned = []
        files[file].isExcused = false
        files[file].writtenAt = now
        noteHealth(of: file)
        checkVersion(file, insteadOf: former)
    }

    private func checkSwitch(_ file: Int, from before: VisibleFile, to content: [UInt8]?, _ key: Int?, _ hand: Hand) {
        switch hand {
        case .other: break
        case .daemon:
            if key == nil, before.key != nil {
                fail(
                    5, before.name,
                    "while it was published, consumers read \(content == nil ? "nothing" : "a part of it")")
            }
        case .disk:
            guard !before.isExcused, content != before.durable, content.map(before.unreturned.contains) != true else {
                return
            }
            fail(
                5, before.name, "after a power failure consumers read \(content == nil ? "nothing" : "something else")")
        }
    }

    func key(_ service: Int, _ content: [UInt8]) -> Int? {
        // A connection string ends with the number of its key.
        let keys = services[service].keys
        guard let number = Int(String(decoding: content.suffix(12), as: UTF8.self)), keys.indices.contains(number)
        else { return nil }
        let text = keys[number].connectionString.secret.withExposedText { $0 }
        if text.utf8.elementsEqual(content) { return number }
        // With the endpoint of before it is no other key.
        let isMoved = scenario.plan[.endpointMoved] > 0 && text.utf8.suffix(84).elementsEqual(content.suffix(84))
        return isMoved ? number : nil
    }

    /// Its endpoint is the one of now, too.
    private func works(_ key: Int, in content: [UInt8]?, _ service: Int) -> Bool {
        let key = services[service].keys[key]
        guard key.diedAt == nil else { return false }
        guard scenario.plan[.endpointMoved] > 0, let content else { return true }
        return key.connectionString.secret.withExposedText { $0.utf8.elementsEqual(content) }
    }

    /// Keeps since when consumers are told to use something that does not work.
    func noteHealth(of file: Int) {
        let seen = files[file]
        let isBroken = seen.lastKey != nil && !(seen.key.map { works($0, in: seen.content, seen.service) } ?? false)
        if isBroken {
            if seen.brokenSince == nil { files[file].deadKey = seen.lastKey }
            files[file].brokenSince = seen.brokenSince ?? now
        } else {
            if let broken = files[file].brokenSince {
                checkMended(file, since: broken)
                checkBroken(file, since: broken)
            }
            files[file].brokenSince = nil
        }
    }

    /// A late landing of a regenerate, or its second, is looked for in the quarter of an hour after the publication, so that
    /// consumers have a dead key for minutes, not until the next look.
    private func checkMended(_ file: Int, since broken: Instant) {
        let service = files[file].service
        guard !isCalm, clockError == .zero, let last = files[file].deadKey, max(calmSince(service), broken) == broken,
            case .regenerated(let request, _) = services[service].keys[last].death,
            // What it made may have been mended before, and a hand may have put the other key's string there.
            services[service].keys[last].publishedAt != nil, !services[service].keys[last].wasPlacedByHand,
            broken - services[service].requests[request].sentAt < .seconds(840),
            clockSetAt < services[service].requests[request].sentAt,
            facts[service].ledgerLostAt < services[service].requests[request].sentAt
        else { return }
        let verification =
            policies(of: service).compactMap(\.verification).map { $0.spacing * $0.probes }.max() ?? .zero
        let limit = Duration.seconds(1200) + verification
        if now - broken > limit {
            fail(3, files[file].name, "a late duplicate killed the published key; it was mended \(now - broken) later")
        }
    }

    /// A key died: did anybody have a right to it?
    func keyDied(_ service: Int, _ index: Int) {
        let key = services[service].keys[index]
        for (number, file) in files.enumerated() where file.service == service {
            // A hand may have put it there when its regenerate was on its way, or about to be.
            let sentAt = key.killedBy.map { services[service].requests[$0].sentAt } ?? .distantFuture
            let isPlaced = key.wasPlacedByHand && facts[service].tamperedAt >= min(sentAt, file.lookedAt)
            if file.isManaged, file.lastKey == index, !isPlaced || !file.isExcused,
                let cause = unexplained(key, service)
            {
                fail(3, file.name, "the published \(key.keyType) key died: \(cause)")
            }
            let isGraced = isPlaced || now - facts[service].tamperedAt < .seconds(120)
            for old in file.replaced where old.key == index && old.goodUntil > now + clockSpread * 2 && !isGraced {
                guard let cause = unexplained(key, service) else { continue }
                fail(3, file.name, "\(key.keyType) died \(old.goodUntil - now) before its overlap ended: \(cause)")
            }
            if !isGraced, let cause = unexplained(key, service) { checkPromise(number, index, cause) }
            files[number].replaced.removeAll { $0.key == index }
            noteHealth(of: number)
        }
    }

    /// Why the death of a key that consumers use breaks the third law; nil when something else explains it.
    private func unexplained(_ key: SimulatedKey, _ service: Int) -> String? {
        guard case .regenerated(let request, let after) = key.death else {
            return scenario.blamesTheDaemon ? "another hand" : nil
        }
        let sent = services[service].requests[request]
        let settle = sent.settle
        guard after <= settle else { return nil }
        // What was answered is not undecided: that it runs once more nobody can know.
        let isSecond = services[service].keys.suffix(8).filter { $0.request == request }.count > 1
        if isSecond, sent.succeeded, !sent.wasAmbiguous { return nil }
        // Neither the ledger nor the files told that it was under way, and of which key.
        guard min(facts[service].ledgerLostAt, facts[service].tamperedAt) < sent.sentAt else { return nil }
        return "regenerate number \(request), which ran \(after) after it was sent (settle \(settle))"
    }

    /// Calls say nothing about the key for as long as one that is refused may be, and what it replaces is dead anyway.
    private func isSilent(_ key: SimulatedKey, _ service: Int, insteadOf old: Int?) -> Bool {
        guard let since = key.silentSince, let old, services[service].keys[old].diedAt != nil else { return false }
        let timeout = policies(of: service).compactMap { $0.verification?.timeout }.min() ?? .zero
        return clockSetAt > since || now - since >= timeout
    }

    private func checkPublication(_ file: Int, _ index: Int, insteadOf old: Int?) {
        let name = files[file].name
        let service = files[file].service
        let key = services[service].keys[index]
        // What another hand made, or a request that came too late, may be shown for the first time when it is dead.
        let isNews = key.request == nil && key.listedAt ?? .distantPast >= key.diedAt ?? .distantFuture
        // Without a ledger nothing tells that what a server shows was replaced before, but a call with it, where there is one.
        let isForgotten =
            key.diedAt.map { $0 < facts[service].ledgerLostAt } == true
            && (scenario.plan[.slowRevocation] > 0 || policies(of: service).contains { $0.verification == nil })
        if key.diedAt != nil, !isNews, !isForgotten, let cause = unexplained(key, service) {
            fail(4, name, "a dead \(key.keyType) key was published: \(cause)")
        }
        // The last listing may have been on its way for a while, and come from a server that was behind.
        let patience = Duration.seconds(scenario.plan[.slowAnswer] > 0 ? 130 : 30) + longestLag(service)
        if let diedAt = key.diedAt, now - max(diedAt, calmSince) > patience {
            fail(4, name, "a \(key.keyType) key was published that is dead since \(diedAt): nobody looked")
        }
        if !key.wasListed { fail(4, name, "a key was published that no listKeys had shown") }
        let knownAt = key.request.map { services[service].requests[$0].sentAt } ?? key.bornAt
        guard key.publishedAt == nil, facts[service].ledgerLostAt <= knownAt else { return }
        let probes = policies(of: service).map { $0.verification?.probes ?? 0 }.min() ?? 0
        // What another hand made, or a request that came too late, only replaces a dead key.
        // So it does where a hand had put back an older string before.
        let isRotation =
            key.request != nil
            && old.map { services[service].keys[$0] }.map { $0.keyType != key.keyType && !$0.wasPlacedByHand } == true
        if isRotation,
            let request = services[service].keys[..<index].last(where: { $0.keyType == key.keyType })?.killedBy,
            services[service].requests[request].sentAt == facts[service].retiredAt,
            // The one after it may have been meant to be published.
            services[service].requests.lastIndex(where: { $0.keyType == key.keyType }) == request,
            facts[service].tamperedAt < facts[service].retiredAt
        {
            fail(6, name, "\(key.keyType) was only to be retired, and is published")
        }
        let needed = isRotation ? probes : isSilent(key, service, insteadOf: old) ? 0 : min(1, probes)
        if key.probesSucceeded < needed {
            fail(4, name, "\(key.keyType) was published after \(key.probesSucceeded) of \(needed) signed calls")
        }
    }
}
