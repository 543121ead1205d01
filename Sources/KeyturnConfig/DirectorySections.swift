/// Reads `state`, `secrets`, `control` and `metrics`. What is wrong is reported, and stands for the default.
struct DirectorySections {
    let context: ReadingContext

    var diagnostics: DiagnosticCollector { context.diagnostics }

    /// sockaddr_un(7) has room for 108 bytes with the final NUL.
    private static let socketPathLimit = 107

    func state(_ node: YAMLNode?) -> Configuration.State {
        let reader = node.flatMap { SettingsReader($0, "state", Self.stateShape, diagnostics) }
        let directory = reader?.setting("directory") { context.path($0, "state.directory") }.value
        return Configuration.State(directory: directory ?? "/var/lib/keyturn")
    }

    func secrets(_ node: YAMLNode?, state: Configuration.State) -> Configuration.Secrets {
        let reader = node.flatMap {
            SettingsReader($0, "secrets", Self.secretsShape, diagnostics)
        }
        let directory = reader?.setting("directory") { node in
            context.path(node, "secrets.directory").flatMap { check($0, differsFrom: state.directory, node.mark) }
        }
        let group = reader?.setting("group") { account($0, "secrets.group") }
        let mode = reader?.setting("mode") { FileMode.read($0, "secrets.mode", diagnostics) }
        return Configuration.Secrets(
            directory: directory?.value ?? "/var/lib/keyturn/secrets", group: group?.value, mode: mode?.value ?? 0o640)
    }

    func control(_ node: YAMLNode?) -> Configuration.Control {
        let reader = node.flatMap { SettingsReader($0, "control", Self.controlShape, diagnostics) }
        let socket = reader?.setting("socket") { node -> String? in
            guard let path = context.path(node, "control.socket") else { return nil }
            guard path.utf8.count <= Self.socketPathLimit else {
                diagnostics.error(
                    "control.socket '\(clipped(path))' has \(path.utf8.count) bytes; the path of a unix socket has at"
                        + " most \(Self.socketPathLimit)", at: node.mark)
                return nil
            }
            return path
        }
        return Configuration.Control(socket: socket?.value ?? "/run/keyturn/control.sock")
    }

    /// A user or a group: a name, or a number with or without quotes.
    func account(_ node: YAMLNode, _ what: String) -> String? {
        let text = node.text(what, "a name or a number", allowsNumbers: true, diagnostics)
        guard let text, let problem = Names.accountProblem(text) else { return text }
        diagnostics.error("\(what) '\(clipped(text))' \(problem)", at: node.mark)
        return nil
    }

    private func check(_ directory: String, differsFrom state: String, _ mark: SourceMark) -> String? {
        guard directory == state else { return directory }
        diagnostics.error(
            "secrets.directory is the same as state.directory",
            hint: "give it one of its own, such as \(state)/secrets",
            at: mark)
        return nil
    }
}
