import Rotation
import RotationEngine
import SecretsDirectory

/// What stands beside the connection string that consumers read: the string before it, what is said of both, and who may
/// read them.
extension World {
    /// Of what is published to everybody but its owner: laid out as the daemon is told to.
    private static let fileMode: UInt32 = 0o640
    private static let directoryMode: UInt32 = 0o750

    private func contents(_ name: String, of file: Int) -> [UInt8]? {
        disk.contents("\(path(of: files[file].name))/\(name)")
    }

    /// What a line of the metadata says; nil: null, or nothing.
    private func metadata(_ field: String, of file: Int) -> String? {
        guard let bytes = contents("metadata.json", of: file) else { return nil }
        // As bytes: taking texts apart would cost as much as a whole publication.
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
            if parts.count > 3, parts[1].elementsEqual(field.utf8) { return String(decoding: parts[3], as: UTF8.self) }
        }
        return nil
    }

    /// The directory of the version that consumers read; nil when it is none, or two are alike.
    func generation(of file: Int) -> String? {
        guard let metadata = contents("metadata.json", of: file) else { return nil }
        let alike = generations(of: file).filter { contents("\($0)/metadata.json", of: file) == metadata }
        return alike.count == 1 ? alike[0] : nil
    }

    private func generations(of file: Int) -> [String] {
        (disk.names(path(of: files[file].name)) ?? []).filter { $0.hasPrefix("..v") }
    }

    /// A publication returned: whatever belongs to its version agrees.
    ///
    /// - Parameter former: the version that could be read before, by somebody who is still at it.
    func checkVersion(_ file: Int, insteadOf former: String?) {
        let name = files[file].name
        let service = files[file].service
        guard let index = files[file].key else { return }
        let keyType = services[service].keys[index].keyType
        let said = contents("key-type", of: file).map { String(decoding: $0, as: UTF8.self) }
        if said != keyType.rawValue || metadata("keyType", of: file) != keyType.rawValue {
            fail(5, name, "the published key is \(keyType), the files beside it say \(said ?? "nothing")")
        }
        checkPrevious(file, keyType)
        checkModes(file)
        // What cannot be read for a moment, or not be removed, is not kept, or stays.
        guard scenario.plan[.diskError] == 0 || isCalm else { return }
        if let former, contents("\(former)/connection-string", of: file) == nil {
            fail(5, name, "who has just opened \(former) finds it gone")
        }
        for generation in generations(of: file) {
            let status = disk.status("\(path(of: name))/\(generation)/connection-string")
            if let mode = status?.permissions.mode, mode & ~Self.fileMode != 0 {
                fail(8, name, "\(generation) is left behind, and others may read it")
            }
        }
    }

    /// The string that was replaced stands there for as long as it is promised to work, and says until when that is.
    private func checkPrevious(_ file: Int, _ keyType: KeyType) {
        let service = files[file].service
        let previous = contents("previous-connection-string", of: file).flatMap { key(service, $0) }
        // Who has lost the ledger may be shown a value of before.
        let isForgetful = now - facts[service].ledgerLostAt < .seconds(600) + longestLag(service)
        for old in files[file].replaced where old.goodUntil > now && !isForgetful {
            let key = services[service].keys[old.key]
            // What a hand put there just before may be newer than what a server shows that is behind.
            let isPlaced = key.wasPlacedByHand && now - facts[service].tamperedAt < .seconds(600)
            if key.keyType != keyType, key.diedAt == nil, previous != old.key, !isPlaced {
                fail(
                    3, files[file].name,
                    "key \(old.key) works until \(old.goodUntil), and previous-connection-string does not hold it")
            }
        }
        let until = metadata("previousGoodUntil", of: file).flatMap { Instant(rfc3339: $0) }
        checkPromised(file, until, keyType)
        files[file].promise = nil
        guard clockError == .zero, let previous, let until else { return }
        files[file].promise = VisibleFile.Promise(key: previous, madeAt: now, until: until)
    }

    /// Consumers are told of no less than they have, but for the time that it took to write it down.
    private func checkPromised(_ file: Int, _ until: Instant?, _ keyType: KeyType) {
        let service = files[file].service
        // What was on record before a crash, or under another policy, is written as it was.
        guard clockError == .zero, now - max(calmSince, facts[service].policyChangedAt) > .seconds(600),
            let index = files[file].key,
            let orderedAt = services[service].keys[index].orderedAt
        else { return }
        let margin = now - max(orderedAt, clockSetAt) + clockSpread * 2 + .seconds(10)
        for old in files[file].replaced where old.goodUntil > now + margin {
            let key = services[service].keys[old.key]
            guard key.keyType != keyType, key.diedAt == nil, (until ?? .distantPast) + margin < old.goodUntil else {
                continue
            }
            let said = until.map { "that it does until \($0)" } ?? "nothing of it"
            fail(3, files[file].name, "key \(old.key) works until \(old.goodUntil), and metadata.json says \(said)")
        }
    }

    /// Those who are meant to can read it, and nobody else.
    func checkModes(_ file: Int) {
        let directory = path(of: files[file].name)
        let modes = ["connection-string", "..data", "."].map { disk.status("\(directory)/\($0)")?.permissions.mode }
        if modes != [Self.fileMode, Self.directoryMode, Self.directoryMode] {
            let text = modes.map { $0.map { String($0, radix: 8) } ?? "none" }.joined(separator: ", ")
            fail(5, files[file].name, "the file, its version and the directory have the modes \(text)")
        }
    }

    /// Whatever a hand did to the files: after the next look they are as they are to be.
    func checkTampered(_ file: Int) {
        let service = files[file].service
        let since = max(facts[service].tamperedAt, calmSince(service))
        guard files[file].isExcused, now - since > patience(service), clockError == .zero, daemon != nil,
            let index = files[file].key, ledger.rows[files[file].name]?.boxedRecord.value.current != nil
        else { return }
        checkModes(file)
        let keyType = services[service].keys[index].keyType.rawValue
        if metadata("keyType", of: file) != keyType {
            fail(5, files[file].name, "metadata.json does not say that the key is \(keyType), since \(since)")
        }
    }

    /// A regenerate of ours killed the key: was it said that it works for longer?
    func checkPromise(_ file: Int, _ index: Int, _ cause: String) {
        let service = files[file].service
        let (name, facts) = (files[file].name, facts[service])
        guard let promise = files[file].promise, promise.key == index, promise.until > now + clockSpread * 2,
            min(facts.ledgerLostAt, facts.tamperedAt) < promise.madeAt
        else { return }
        // Where another hand killed the published key while a regenerate was under way, its successor could not wait.
        if case .regenerated(let request, _) = services[service].keys[index].death,
            services[service].requests[request].sentAt < promise.madeAt
        {
            return
        }
        fail(3, name, "key \(index) died \(promise.until - now) before metadata.json says so: \(cause)")
    }
}
