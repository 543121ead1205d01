/// How the files of one resource are laid out: who may read them, and which there are beside the usual ones.
///
/// Directories always belong to the daemon, so that nobody else can replace what is in them; `owner` is the owner of
/// the files.
package struct ResourceLayout: Hashable, Sendable {
    /// A file of the user's own, made from a template.
    package struct ExtraFile: Hashable, Sendable {
        package var name: String
        package var template: MustacheTemplate
        /// nil: as the other files of the resource.
        package var mode: UInt32?
        package var owner: UInt32?
        package var group: UInt32?

        package init(
            name: String, template: MustacheTemplate, mode: UInt32? = nil, owner: UInt32? = nil, group: UInt32? = nil
        ) {
            self.name = name
            self.template = template
            self.mode = mode
            self.owner = owner
            self.group = group
        }
    }

    /// Of every file; the directories' modes follow from it.
    package var mode: UInt32
    /// A user id; nil: the user that runs the daemon.
    package var owner: UInt32?
    /// A group id; nil: the group that runs the daemon.
    package var group: UInt32?
    package var files: [ExtraFile]

    package init(mode: UInt32 = 0o640, owner: UInt32? = nil, group: UInt32? = nil, files: [ExtraFile] = []) {
        self.mode = mode
        self.owner = owner
        self.group = group
        self.files = files
    }

    /// What is wrong with the layout, a sentence each; empty when nothing is.
    package var problems: [String] {
        var problems = Self.problems(ofMode: mode, what: "the files")
        var names = Set(UsualFile.allCases.map(\.rawValue))
        for file in files {
            if let problem = EntryName.problem(with: file.name) {
                problems.append("the file name '\(file.name)' \(problem)")
            } else if !names.insert(file.name).inserted {
                problems.append("the file name '\(file.name)' is taken; choose another")
            }
            if let mode = file.mode {
                problems += Self.problems(ofMode: mode, what: "'\(file.name)'")
            }
        }
        return problems
    }

    private static func problems(ofMode mode: UInt32, what: String) -> [String] {
        if mode & ~0o777 != 0 {
            return ["mode \(octal(mode)) of \(what) has bits beyond 0777"]
        }
        if mode & 0o022 != 0 {
            return ["mode \(octal(mode)) of \(what) would let others write; \(octal(mode & ~0o022)) does not"]
        }
        return mode & 0o400 == 0 ? ["mode \(octal(mode)) of \(what) would not let its owner read"] : []
    }
}

extension ResourceLayout {
    /// The layout with the daemon's own user and group filled in.
    struct Resolved {
        let layout: ResourceLayout
        let daemon: Permissions

        init(_ layout: ResourceLayout, on fileSystem: any FileSystem) {
            self.layout = layout
            daemon = Permissions(mode: 0, owner: fileSystem.effectiveUser, group: fileSystem.effectiveGroup)
        }

        var usualFile: Permissions {
            Permissions(mode: layout.mode, owner: layout.owner ?? daemon.owner, group: layout.group ?? daemon.group)
        }

        func extraFile(_ file: ExtraFile) -> Permissions {
            let usual = usualFile
            return Permissions(
                mode: file.mode ?? usual.mode, owner: file.owner ?? usual.owner, group: file.group ?? usual.group)
        }

        /// Of the resource's directory and of each generation: whoever may read one of the files may pass, and whoever
        /// may read the usual ones may also list.
        var directory: Permissions {
            let usual = usualFile
            var mode: UInt32 = 0o700
            if usual.mode & 0o040 != 0 { mode |= 0o050 }
            if usual.mode & 0o004 != 0 { mode |= 0o005 }
            for file in [usual] + layout.files.map(extraFile) {
                let group = file.group == usual.group
                if file.mode & 0o040 != 0 { mode |= group ? 0o010 : 0o001 }
                if file.mode & 0o004 != 0 || file.owner != daemon.owner { mode |= 0o001 }
            }
            return Permissions(mode: mode, owner: daemon.owner, group: usual.group)
        }
    }
}
