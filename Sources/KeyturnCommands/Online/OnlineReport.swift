import ArgumentParser
import Daemon
import Rotation

/// What `keyturn check --online` found out: one value for the table, the JSON and the exit status.
struct OnlineReport: Encodable, Sendable {
    struct Lock: Encodable, Hashable, Sendable {
        let name: String
        let level: String
        /// The ARM id of what is locked.
        let scope: String
    }

    /// Which key the published file holds.
    enum Published: String, Encodable, Sendable {
        case primary = "Primary"
        case secondary = "Secondary"
        /// Nothing is published yet.
        case nothing = "none"
        /// None of those that Azure lists.
        case stale
        case unknown

        var cell: String { self == .unknown ? "?" : rawValue }
    }

    struct Resource: Encodable, Sendable {
        let name: String
        let id: String
        /// nil: the general one.
        @Nullable var credential: String?
        var token = OnlineFinding.skipped
        /// GET of the resource; only discovery needs it.
        var read = OnlineFinding.skipped
        var listKeys = OnlineFinding.skipped
        var regenerateKey = OnlineFinding.skipped
        /// No lock forbids the two.
        var unlocked = OnlineFinding.skipped
        var locks: [Lock] = []
        /// The resource takes access keys at all (`disableLocalAuth` is not set).
        var keyAuthentication = OnlineFinding.skipped
        var published = Published.unknown
        /// A signed call with the published key, or the one that would be published first.
        var probe = OnlineFinding.skipped
        var problems: [OnlineProblem] = []

        init(name: String, id: String, credential: String?) {
            self.name = name
            self.id = id
            self.credential = credential
        }
    }

    /// No resource, and nothing else, has an error.
    var well: Bool
    var resources: [Resource]
    /// What is about no resource: a credential that is not used yet, a rule of `discover` that could not be followed.
    var problems: [OnlineProblem]

    init(_ resources: [Resource], problems: [OnlineProblem] = []) {
        self.resources = resources
        self.problems = problems
        well = !(problems + resources.flatMap(\.problems)).contains { $0.severity == .error }
    }

    /// 77 when Azure or a setting refuses something, else 69 when something cannot be reached, else 75 when it would be
    /// another time.
    var exitStatus: Int32? {
        let statuses = (problems + resources.flatMap(\.problems)).filter { $0.severity == .error }
            .map { $0.reason.map(Self.exitCode).map(\.rawValue) ?? ExitStatus.refused.rawValue }
        return [ExitStatus.refused.rawValue, ExitStatus.unavailable.rawValue, ExitStatus.temporary.rawValue]
            .first { statuses.contains($0) }
    }

    /// What a command exits with for that.
    static func exitCode(of reason: Reason) -> ExitCode {
        switch reason {
        case .unreachable, .timeout, .azureUnavailable, .probeUnreachable: ExitStatus.unavailable
        case .throttled, .conflict: ExitStatus.temporary
        default: ExitStatus.refused
        }
    }
}
