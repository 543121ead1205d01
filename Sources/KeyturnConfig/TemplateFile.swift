/// A file of the user's own in the directory of a resource.
package struct TemplateFile: Sendable {
    package let name: String
    /// Permission bits; nil: as the other files.
    package let mode: UInt32?
    /// A user's name or number; nil: as the other files.
    package let owner: String?
    /// A group's name or number; nil: as the other files.
    package let group: String?
    /// Mustache; its syntax has not been looked at.
    package let template: String
    /// Where the template is in the configuration.
    package let templateMark: SourceMark
    /// How places in the template map to places in the file.
    let layout: Layout

    enum Layout: Sendable {
        /// A block scalar kept line by line: the first line is below the mark, each indented as much as this.
        case block(indentation: Int)
        /// On one line, this many columns after the mark.
        case inline(inset: Int)
        /// Folded or escaped: only the mark is known.
        case unknown
    }

    /// Where a place in the template stands in the configuration file.
    ///
    /// - Parameters: line and column of the template, from 1.
    package func mark(templateLine: Int, column: Int = 1) -> SourceMark {
        switch layout {
        case .block(let indentation):
            SourceMark(file: templateMark.file, line: templateMark.line + templateLine, column: indentation + column)
        case .inline(let inset) where templateLine == 1:
            SourceMark(
                file: templateMark.file, line: templateMark.line, column: templateMark.column + inset + column - 1)
        case .inline, .unknown: templateMark
        }
    }

    /// What is wrong with the template, as an error at that place in the configuration file.
    package func diagnostic(_ message: String, hint: String? = nil, templateLine: Int, column: Int = 1) -> Diagnostic {
        Diagnostic(.error, message, hint: hint, at: mark(templateLine: templateLine, column: column))
    }
}

/// Equal when they would be written equal, wherever they stand in the configuration.
extension TemplateFile: Hashable {
    package static func == (left: TemplateFile, right: TemplateFile) -> Bool {
        left.name == right.name && left.mode == right.mode && left.owner == right.owner && left.group == right.group
            && left.template == right.template
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(mode)
        hasher.combine(owner)
        hasher.combine(group)
        hasher.combine(template)
    }
}
