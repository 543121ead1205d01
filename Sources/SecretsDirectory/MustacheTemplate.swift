/// A Mustache template for a file of the user's own: variables, comments, sections and inverted sections (on whether
/// the variable has a value), set delimiters, and the specification's rule for tags that stand alone on a line
/// (mustache(5)). No partials, no lambdas, no dotted names: whatever is not understood is an error when the template
/// is read, never a surprise when a key is rotated.
///
/// **Nothing is ever escaped**: `{{x}}`, `{{{x}}}` and `{{&x}}` are the same. What is written are configuration files
/// with keys in them, and HTML's `&#x3D;` in a key would be a broken key.
package struct MustacheTemplate: Hashable, Sendable {
    indirect enum Node: Hashable, Sendable {
        case text(String)
        case variable(TemplateVariable)
        /// Rendered when the variable has a value, or, if inverted, when it has none.
        case section(TemplateVariable, inverted: Bool, [Node])
    }

    private let nodes: [Node]

    package init(_ text: String) throws(MustacheError) {
        var parser = MustacheParser(text)
        nodes = try parser.parse()
    }

    /// The text with each variable replaced by what `value` gives for it, or by nothing when that is nil.
    package func render(_ value: (TemplateVariable) -> String?) -> String {
        var output = ""
        Self.render(nodes, value, into: &output)
        return output
    }

    private static func render(_ nodes: [Node], _ value: (TemplateVariable) -> String?, into output: inout String) {
        for node in nodes {
            switch node {
            case .text(let text):
                output += text
            case .variable(let variable):
                output += value(variable) ?? ""
            case .section(let variable, let inverted, let inner):
                if (value(variable) == nil) == inverted {
                    render(inner, value, into: &output)
                }
            }
        }
    }
}
