import Glibc
import SecretsDirectory

/// Random calls, chosen so that most of them meet what earlier ones made.
///
/// They may be made by root on a real file system, so no name may lead further than one above the first descriptor's
/// directory: no absolute one, no link to `/` or `..`, and nothing that makes a directory or a link through `..`.
struct DiskCallGenerator {
    private var random: DiskRandom
    private let isRoot: Bool
    private let targets: [String]

    /// `path` is that of the first descriptor's directory.
    init(seed: UInt64, path: String) {
        random = DiskRandom(seed: seed)
        isRoot = geteuid() == 0
        targets = Self.relativeTargets + ["\(path)/a", "\(path)//..data/b"]
    }

    private static let openPath: Int32 = 0o10000000
    private static let plainNames = ["a", "b", "c", "..data", "a-name-that-is-not-short", "..v1"]
    private static let oddNames = [
        "", ".", "a/b", "b/a", "c/..data", "a/b/c", "./b", "a/./c", "a//b", "missing/x", "a/", "b/",
        String(repeating: "n", count: 256), "a/" + String(repeating: "n", count: 256),
        String(repeating: "a/", count: 2_100),
    ]
    private static let relativeTargets = [
        "a", "b", "c", "..data", "a/b", "..data/a", "missing", ".", "./a", "a/../b", "../a", "b/",
        "a-name-that-is-not-short", String(repeating: "t", count: 300), "", String(repeating: "t", count: 4_096),
    ]

    mutating func next(_ descriptorCount: Int) -> DiskCall {
        let at = Int.random(in: 0..<descriptorCount, using: &random)
        // Often the first one, or what is in it stays small.
        let directory = random.once(in: 2) ? 0 : at
        switch Int.random(in: 0..<30, using: &random) {
        case 0..<8: return .open(directory, name(), flags: flags(), mode: random.pick([0o600, 0o640, 0o666, 0o755]))
        case 8, 9: return .makeDirectory(directory, name(), mode: random.pick([0o700, 0o755, 0o777, 0o1777]))
        case 10..<13: return .makeLink(random.pick(targets), directory, plainOrNot(noSlashAtTheEnd: true))
        case 13..<16: return .rename(directory, singleName(), to: singleName())
        case 16, 17:
            return .unlink(
                directory, plainOrNot(noSlashAtTheEnd: true), flags: random.pick([0, 0, AT_REMOVEDIR, 0x1]))
        case 18, 19: return .write(at, bytes())
        case 20: return .fsync(at)
        case 21: return .chmod(at, mode())
        case 22:
            return .chown(at, owner: random.pick([geteuid(), .max]), group: random.pick([getegid(), .max]))
        case 23: return .status(at)
        case 24: return .statusAt(directory, name())
        case 25:
            // An empty name means the descriptor itself here, which nobody uses.
            let name = name()
            return .readLink(directory, name.isEmpty ? "a" : name)
        case 26: return .read(at, upTo: random.pick([0, 1, 5, 100, 4_096]))
        case 27, 28: return .list(at)
        // The first one stays open.
        default: return at == 0 ? .list(0) : .close(at)
        }
    }

    private mutating func name() -> String {
        plainOrNot(noSlashAtTheEnd: false)
    }

    private mutating func plainOrNot(noSlashAtTheEnd: Bool) -> String {
        guard random.once(in: 4) else { return random.pick(Self.plainNames) }
        let name = random.pick(Self.oddNames)
        return noSlashAtTheEnd && name.hasSuffix("/") ? "a/c" : name
    }

    private mutating func singleName() -> String {
        random.once(in: 20) ? random.pick(["", "."]) : random.pick(Self.plainNames)
    }

    private mutating func flags() -> Int32 {
        var flags = random.pick([O_RDONLY, O_RDONLY, O_WRONLY, O_RDWR])
        if random.once(in: 2) {
            flags |= O_CREAT
            if random.once(in: 2) { flags |= O_EXCL }
        } else {
            // With O_CREAT its meaning depends on the version of the kernel.
            if random.once(in: 4) { flags |= O_DIRECTORY }
            if random.once(in: 6) { flags |= Self.openPath }
        }
        if random.once(in: 2) { flags |= O_NOFOLLOW }
        if flags & O_ACCMODE != O_RDONLY {
            if random.once(in: 8) { flags |= O_TRUNC }
            if random.once(in: 8) { flags |= O_APPEND }
        }
        return flags | O_CLOEXEC | O_NONBLOCK
    }

    /// Whoever is not root must go on being able to use what it is set on.
    private mutating func mode() -> UInt32 {
        let modes: [UInt32] = [0o700, 0o750, 0o711, 0o755, 0o640, 0o600, 0o2750, 0o2710, 0o4755, 0o6755, 0o1700]
        return isRoot ? random.pick(modes) : random.pick(modes.filter { $0 & 0o700 == 0o700 && $0 & 0o6000 == 0 })
    }

    private mutating func bytes() -> [UInt8] {
        let count = random.pick([0, 1, 3, 10, 100, 5_000])
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
}
