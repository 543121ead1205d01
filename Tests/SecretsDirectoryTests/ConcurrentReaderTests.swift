import FoundationEssentials
import Glibc
import KeyMaterial
import Rotation
import SecretsDirectory
import Synchronization
import Testing

@Suite struct ConcurrentReaderTests {
    /// How often each of two readers has been round, and whether there is an end.
    private final class Progress: Sendable {
        private let state = Mutex((rounds: [0, 0], isOver: false))

        var rounds: [Int] { state.withLock { $0.rounds } }
        var isOver: Bool { state.withLock { $0.isOver } }

        func advance(_ reader: Int) { state.withLock { $0.rounds[reader] += 1 } }
        func end() { state.withLock { $0.isOver = true } }
    }

    @Test(.timeLimit(.minutes(15)), arguments: parents)
    func aReaderInATightLoopSeesWholeVersionsOnly(parent: String) async throws {
        let publications = parent == "/tmp" ? 150 : 400
        try await withTemporaryDirectory(under: parent) { path in
            let directory = "\(path)/\(resourceName)"
            let versions = try Dictionary(
                uniqueKeysWithValues: (1...publications).map { ($0, try secretVersion($0)) })
            let progress = Progress()
            try await withThrowingTaskGroup { group in
                group.addTask {
                    try await Self.loop(0, progress) { try Self.readTheFile(directory, versions, atLeast: $0) }
                }
                group.addTask {
                    try await Self.loop(1, progress) { try Self.readTheGeneration(directory, versions, atLeast: $0) }
                }
                group.addTask {
                    defer { progress.end() }
                    let secrets = SecretsDirectory(path: path)
                    for number in 1...publications {
                        guard let version = versions[number] else { continue }
                        #expect(try secrets.publish(version, layout: ResourceLayout()) == .written(number))
                        // A reader may be as slow as the time between two publications, not slower.
                        let rounds = progress.rounds
                        while zip(progress.rounds, rounds).contains(where: { $0 < $1 + 2 }) {
                            try Task.checkCancellation()
                            await Task.yield()
                        }
                    }
                }
                // Not waitForAll, which would wait for a publisher that waits for a reader that has failed.
                for try await _ in group {}
            }
        }
    }

    /// Goes round until the publisher ends; `body` takes the version seen last and gives the one it sees.
    private static func loop(_ reader: Int, _ progress: Progress, _ body: (Int) throws -> Int)
        async throws
    {
        var seen = 0
        while !progress.isOver {
            try Task.checkCancellation()
            seen = try body(seen)
            progress.advance(reader)
            await Task.yield()
        }
        #expect(seen > 0)
    }

    /// One open through the link, as most applications do it.
    private static func readTheFile(
        _ directory: String, _ versions: [Int: SecretVersion], atLeast seen: Int
    ) throws -> Int {
        guard let bytes = try Consumer.read("\(directory)/connection-string") else {
            guard seen == 0 else { throw TestError("connection-string vanished after version \(seen)") }
            return 0
        }
        let string = try ConnectionString(String(decoding: bytes, as: UTF8.self))
        // The next version, or one later still: nothing older comes back.
        let number = (max(seen, 1)...(seen + 3)).first { versions[$0]?.current == string }
        guard let number else { throw TestError("neither version \(seen) nor one of the next") }
        return number
    }

    /// Every file of one generation: they agree with each other.
    private static func readTheGeneration(
        _ directory: String, _ versions: [Int: SecretVersion], atLeast seen: Int
    ) throws -> Int {
        guard let files = try Consumer.readGeneration(directory) else {
            guard seen == 0 else { throw TestError("..data vanished after version \(seen)") }
            return 0
        }
        let metadata = try JSONDecoder().decode(SecretMetadata.self, from: Data(files["metadata.json"] ?? []))
        guard metadata.version >= seen, let version = versions[metadata.version] else {
            throw TestError("version \(metadata.version) after \(seen)")
        }
        let expected = [
            "connection-string": version.current.secret.withExposedText { $0 },
            "previous-connection-string": version.previous?.secret.withExposedText { $0 },
            "access-key": version.current.accessKey.secret.withExposedText { $0 },
            "key-type": version.keyType.rawValue,
        ]
        for (name, text) in expected where files[name] != text.map({ Array($0.utf8) }) {
            throw TestError("\(name) is not that of version \(metadata.version)")
        }
        return metadata.version
    }
}
