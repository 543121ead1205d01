import CYAML

/// A place as libyaml counts it: from 0, columns in code points.
struct YAMLPosition: Equatable {
    let line: Int
    let column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line), column: Int(mark.column))
    }
}

/// One step through a YAML stream.
struct YAMLEvent {
    enum Kind {
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(YAMLScalar)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    let kind: Kind
    let position: YAMLPosition
    var anchor: String?
    var tag: String?
}

/// What libyaml refused to read.
struct YAMLSyntaxError: Error {
    /// In libyaml's words: "did not find expected key".
    let problem: String
    let position: YAMLPosition
    /// In libyaml's words: "while parsing a block mapping".
    let context: String?
    let contextPosition: YAMLPosition?
}

/// The one place where libyaml's pointers are touched.
///
/// The event API is used, not the document API: that one resolves aliases without a trace, which turns a hundred bytes
/// into gigabytes or into a circle, and it has no place for a limit of depth.
enum LibYAML {
    /// Hands every event to `body`, in order, until the stream ends or `body` returns false.
    ///
    /// - Parameter bytes: UTF-8 without a byte order mark.
    static func read(_ bytes: [UInt8], _ body: (YAMLEvent) -> Bool) throws(YAMLSyntaxError) {
        guard !bytes.isEmpty else { return }
        let failure: YAMLSyntaxError? = bytes.withUnsafeBufferPointer { buffer in
            // libyaml keeps a pointer to the parser inside the parser, so it must not move.
            let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
            defer { parser.deallocate() }
            guard yaml_parser_initialize(parser) == 1 else {
                preconditionFailure("libyaml found no memory for its parser")
            }
            defer { yaml_parser_delete(parser) }
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            return run(parser, body)
        }
        if let failure { throw failure }
    }

    private static func run(
        _ parser: UnsafeMutablePointer<yaml_parser_t>, _ body: (YAMLEvent) -> Bool
    ) -> YAMLSyntaxError? {
        while true {
            var raw = yaml_event_t()
            guard yaml_parser_parse(parser, &raw) == 1 else { return error(of: parser.pointee) }
            defer { yaml_event_delete(&raw) }
            if raw.type == YAML_STREAM_END_EVENT || raw.type == YAML_NO_EVENT { return nil }
            if let event = event(raw), !body(event) { return nil }
        }
    }

    private static func event(_ raw: yaml_event_t) -> YAMLEvent? {
        let position = YAMLPosition(raw.start_mark)
        func made(
            _ kind: YAMLEvent.Kind, anchor: UnsafeMutablePointer<UInt8>? = nil, tag: UnsafeMutablePointer<UInt8>? = nil
        ) -> YAMLEvent {
            YAMLEvent(kind: kind, position: position, anchor: anchor.map(string), tag: tag.map(string))
        }
        switch raw.type {
        case YAML_DOCUMENT_START_EVENT: return made(.documentStart)
        case YAML_DOCUMENT_END_EVENT: return made(.documentEnd)
        case YAML_ALIAS_EVENT: return made(.alias(raw.data.alias.anchor.map(string) ?? ""))
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            return made(.scalar(self.scalar(raw)), anchor: scalar.anchor, tag: scalar.tag)
        case YAML_SEQUENCE_START_EVENT:
            return made(.sequenceStart, anchor: raw.data.sequence_start.anchor, tag: raw.data.sequence_start.tag)
        case YAML_SEQUENCE_END_EVENT: return made(.sequenceEnd)
        case YAML_MAPPING_START_EVENT:
            return made(.mappingStart, anchor: raw.data.mapping_start.anchor, tag: raw.data.mapping_start.tag)
        case YAML_MAPPING_END_EVENT: return made(.mappingEnd)
        default: return nil
        }
    }

    private static func scalar(_ raw: yaml_event_t) -> YAMLScalar {
        let scalar = raw.data.scalar
        let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
        let style: YAMLScalar.Style =
            switch scalar.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
            case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
            case YAML_LITERAL_SCALAR_STYLE: .literal
            case YAML_FOLDED_SCALAR_STYLE: .folded
            default: .plain
            }
        return YAMLScalar(text: text, style: style)
    }

    private static func error(of parser: yaml_parser_t) -> YAMLSyntaxError {
        YAMLSyntaxError(
            problem: parser.problem.map { String(cString: $0) } ?? "the text is not YAML",
            position: YAMLPosition(parser.problem_mark),
            context: parser.context.map { String(cString: $0) },
            contextPosition: parser.context.map { _ in YAMLPosition(parser.context_mark) })
    }

    private static func string(_ pointer: UnsafeMutablePointer<UInt8>) -> String {
        String(cString: pointer)
    }
}
