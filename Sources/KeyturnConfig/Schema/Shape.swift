/// What a mapping of the file may have: its reader takes the keys from here, and the JSON Schema is made of it.
struct MappingShape: Sendable {
    let settings: [SettingShape]
    /// Of each of these groups exactly one set of keys is there.
    var alternatives: [[[String]]] = []
    /// Of each of these sets of keys at most one is there.
    var exclusive: [[String]] = []
    /// Whether the mapping may be left empty, as a section whose lines are all comments.
    var allowsNothing = false

    var keys: [String] { settings.map(\.key) }

    func values(of key: String) -> ValueShape? { settings.first { $0.key == key }?.value }
}

/// One key of a mapping.
struct SettingShape: Sendable {
    let key: String
    let value: ValueShape
    /// What it is, in a sentence or two, as an editor shows it.
    let summary: String
    var isRequired = false
    /// What counts when it is absent, as it would be written.
    var standard: SchemaValue?

    init(_ key: String, _ value: ValueShape, _ summary: String, standard: SchemaValue? = nil, isRequired: Bool = false)
    {
        self.key = key
        self.value = value
        self.summary = summary
        self.isRequired = isRequired
        self.standard = standard
    }
}

/// What may stand as a value.
indirect enum ValueShape: Sendable {
    /// - Parameters:
    ///   - pattern: an ECMA-262 regular expression that at least finds no fault with any good text.
    ///   - allowsNumbers: an unquoted number is taken for its digits.
    case text(pattern: String? = nil, allowsNumbers: Bool = false, examples: [String] = [])
    /// As `TimeSpan` reads it.
    case timeSpan(ClosedRange<Duration>)
    case boolean
    case integer(ClosedRange<Int>)
    case words([String])
    case list(ValueShape, counts: ClosedRange<Int>)
    case mapping(MappingShape)
    /// A mapping of names of one's own to values of one kind.
    case named(ValueShape, pattern: String, allowsNothing: Bool)
    /// Mappings that are told apart by the word of one key.
    case kinds(key: String, summary: String, [(word: String, shape: MappingShape)])
    case any([ValueShape])
    /// A key without a value.
    case nothing
    /// A word of a command: text, also empty, or an unquoted number.
    case word
}
