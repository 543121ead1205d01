import Glibc
import KeyturnConfig
import SecretsDirectory

/// What the names of users and groups in a configuration mean on this machine, and its templates, ready for use.
struct ResolvedFiles: Sendable {
    /// Of every file that says nothing else; nil: the group that runs the daemon.
    var group: gid_t?
    /// What could be resolved, of resources and of rules.
    var files: [TemplateFile: ResourceLayout.ExtraFile]

    init(group: gid_t? = nil, files: [TemplateFile: ResourceLayout.ExtraFile] = [:]) {
        self.group = group
        self.files = files
    }

    /// - Parameter errors: what is not there is appended, a line each.
    init(_ configuration: Configuration, path: String, errors: inout [String]) {
        self.init()
        if let name = configuration.secrets.group {
            group = UserDatabase.groupID(name)
            if group == nil {
                errors.append(
                    "\(path): error: secrets.group: there is no group '\(name)'; make it with: groupadd --system \(name)"
                )
            }
        }
        for file in configuration.resources.flatMap(\.files) + configuration.discover.flatMap(\.files) {
            files[file] = Self.extraFile(file, errors: &errors)
        }
    }

    private static func extraFile(_ file: TemplateFile, errors: inout [String]) -> ResourceLayout.ExtraFile? {
        var owner: uid_t?
        var group: gid_t?
        if let name = file.owner {
            owner = UserDatabase.userID(name)
            if owner == nil {
                errors.append("\(file.templateMark): error: there is no user '\(name)' for the file '\(file.name)'")
            }
        }
        if let name = file.group {
            group = UserDatabase.groupID(name)
            if group == nil {
                errors.append("\(file.templateMark): error: there is no group '\(name)' for the file '\(file.name)'")
            }
        }
        do {
            let template = try MustacheTemplate(file.template)
            return ResourceLayout.ExtraFile(
                name: file.name, template: template, mode: file.mode, owner: owner, group: group)
        } catch {
            errors.append(
                file.diagnostic(error.message, templateLine: error.line, column: error.column).description)
            return nil
        }
    }
}

/// The users and groups of this machine, by name or by number. Unlike getpwnam(3) and getgrnam(3), for several threads
/// at a time; blocks for as long as the user database takes.
enum UserDatabase {
    /// nil when there is no such user.
    static func userID(_ name: String) -> uid_t? {
        var entry = passwd()
        let isFound = Self.isFound { buffer, found in
            var match: UnsafeMutablePointer<passwd>?
            let code = getpwnam_r(name, &entry, &buffer, buffer.count, &match)
            found = match != nil
            return code
        }
        return isFound ? entry.pw_uid : uid_t(name)
    }

    /// nil when there is no such group.
    static func groupID(_ name: String) -> gid_t? {
        var entry = group()
        let isFound = Self.isFound { buffer, found in
            var match: UnsafeMutablePointer<group>?
            let code = getgrnam_r(name, &entry, &buffer, buffer.count, &match)
            found = match != nil
            return code
        }
        return isFound ? entry.gr_gid : gid_t(name)
    }

    /// A group may have many members, which have to fit, too.
    private static let longestEntry = 1 << 22

    private static func isFound(
        _ look: (_ buffer: inout [CChar], _ found: inout Bool) -> Int32
    ) -> Bool {
        var size = 1024
        while size <= longestEntry {
            var found = false
            var buffer = [CChar](repeating: 0, count: size)
            switch look(&buffer, &found) {
            case ERANGE: size *= 4
            case EINTR: continue
            default: return found
            }
        }
        return false
    }
}
