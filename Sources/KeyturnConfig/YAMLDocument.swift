/// The one YAML document of a file as a tree of values. Anchors, aliases, merge keys and tags are refused: the file is
/// to be read the same by everyone, and a policy is what its resources share.
struct YAMLDocument {
    /// How deep lists and mappings may be in each other; the settings need six.
    static let depthLimit = 24

    /// nil when the file holds nothing, or comments only.
    let root: YAMLNode?

    /// - Throws: `Unreadable` when there is no telling what the text means; the reason was reported.
    init(_ text: SourceText, _ diagnostics: DiagnosticCollector) throws(Unreadable) {
        var composer = YAMLComposer(file: text.file, diagnostics: diagnostics)
        do throws(YAMLSyntaxError) {
            try LibYAML.read(text.bytes) { composer.take($0) }
        } catch {
            diagnostics.report(error.diagnostic(in: text))
            throw Unreadable()
        }
        if composer.isUnreadable { throw Unreadable() }
        root = composer.root
    }

    struct Unreadable: Error {}
}

/// Builds the tree from the events. Its own stack, not the machine's, carries the depth.
private struct YAMLComposer {
    let file: String
    let diagnostics: DiagnosticCollector
    private(set) var root: YAMLNode?
    private(set) var isUnreadable = false
    private var documents = 0
    private var open: [Collection] = []

    private struct Collection {
        let mark: SourceMark
        let isMapping: Bool
        /// It was reported, and nothing more is said about what is in it.
        var isRefused: Bool
        var items: [YAMLNode] = []
        var pairs: [YAMLPair] = []
        var firstMarks: [String: SourceMark] = [:]
        var key: Key?
    }

    private enum Key {
        case text(String, SourceMark)
        /// Reported; the value that follows is dropped.
        case refused
    }

    init(file: String, diagnostics: DiagnosticCollector) {
        self.file = file
        self.diagnostics = diagnostics
    }

    /// Returns false when nothing that follows could mean anything.
    mutating func take(_ event: YAMLEvent) -> Bool {
        let mark = SourceMark(file: file, line: event.position.line + 1, column: event.position.column + 1)
        switch event.kind {
        case .documentStart:
            documents += 1
            if documents > 1 { return refuse("a second YAML document begins here", "keep one document a file", mark) }
        case .documentEnd: break
        case .alias(let name):
            report("aliases are not supported: '*\(clipped(name))'", "write the value again, or share a policy", mark)
            add(YAMLNode(content: .refused, mark: mark))
        case .scalar(let scalar):
            add(YAMLNode(content: isPlain(event, mark) ? .scalar(scalar) : .refused, mark: mark))
        case .sequenceStart, .mappingStart:
            guard open.count < YAMLDocument.depthLimit else {
                return refuse("more than \(YAMLDocument.depthLimit) lists and mappings in each other", nil, mark)
            }
            let isMapping = if case .mappingStart = event.kind { true } else { false }
            open.append(Collection(mark: mark, isMapping: isMapping, isRefused: !isPlain(event, mark)))
        case .sequenceEnd, .mappingEnd:
            guard let collection = open.popLast() else { return true }
            add(YAMLNode(content: content(of: collection), mark: collection.mark))
        }
        return true
    }

    private func content(of collection: Collection) -> YAMLNode.Content {
        if collection.isRefused { return .refused }
        return collection.isMapping ? .mapping(collection.pairs) : .sequence(collection.items)
    }

    private mutating func add(_ node: YAMLNode) {
        guard var collection = open.popLast() else {
            root = node
            return
        }
        if !collection.isMapping {
            collection.items.append(node)
        } else if let key = collection.key {
            collection.key = nil
            if case .text(let text, let mark) = key {
                collection.pairs.append(YAMLPair(key: text, keyMark: mark, value: node))
            }
        } else {
            collection.key = key(node, in: &collection)
        }
        open.append(collection)
    }

    private func key(_ node: YAMLNode, in collection: inout Collection) -> Key {
        switch node.content {
        case .refused: return .refused
        case .sequence, .mapping:
            report(
                "a list or a mapping cannot be a key", "put text that begins with '{' or '[' in quotes", node.mark)
            collection.isRefused = true
            return .refused
        case .scalar(let scalar):
            if scalar.style == .plain, scalar.text == "<<" {
                report("merge keys are not supported", "write the settings again, or share a policy", node.mark)
                return .refused
            }
            if scalar.text.isEmpty {
                report("a key is missing before ':'", nil, node.mark)
                return .refused
            }
            if let first = collection.firstMarks[scalar.text] {
                report(
                    "'\(clipped(scalar.text))' is set twice here", "it is set first in line \(first.line)", node.mark)
                return .refused
            }
            collection.firstMarks[scalar.text] = node.mark
            return .text(scalar.text, node.mark)
        }
    }

    /// Reports anchors and tags. An anchor harms nobody; what a tag makes of a value is not known.
    private func isPlain(_ event: YAMLEvent, _ mark: SourceMark) -> Bool {
        if let anchor = event.anchor {
            report("anchors are not supported: '&\(clipped(anchor))'", "remove it, or share a policy", mark)
        }
        guard let tag = event.tag else { return true }
        let shown = tag.hasPrefix("tag:yaml.org,2002:") ? "!!" + tag.dropFirst(18) : tag
        report("tags are not supported: '\(clipped(shown))'", "remove it; quotes make a value text", mark)
        return false
    }

    private func report(_ message: String, _ hint: String?, _ mark: SourceMark) {
        diagnostics.error(message, hint: hint, at: mark)
    }

    private mutating func refuse(_ message: String, _ hint: String?, _ mark: SourceMark) -> Bool {
        report(message, hint, mark)
        isUnreadable = true
        return false
    }
}

/// A text for a message, not longer than a line of the journal can bear.
func clipped(_ text: String) -> String {
    let limit = 60
    let start = String(text.unicodeScalars.prefix(limit))
    return start.unicodeScalars.count == text.unicodeScalars.count ? text : start + "…"
}
