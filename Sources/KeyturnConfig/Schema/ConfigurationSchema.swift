import Rotation

/// The JSON Schema (draft 2020-12) of the configuration file, for editors.
///
/// It accepts whatever the reader accepts, and refuses what can be told from one value and its neighbours alone; whether
/// the file means something sensible only `keyturn check` knows.
package enum ConfigurationSchema {
    /// Where the package installs it.
    package static let installedPath = "/usr/share/keyturn/keyturn.schema.json"

    /// The schema as a JSON document with a line end.
    package static var text: String {
        var members: [(String, SchemaValue)] = [
            ("$schema", "https://json-schema.org/draft/2020-12/schema"),
            ("title", "keyturn.yaml"),
            ("description", "The configuration of Keyturn; see keyturn.yaml(5)."),
        ]
        members += render(ConfigurationShape.file)
        return SchemaValue.object(members).json() + "\n"
    }

    private static func render(_ shape: MappingShape) -> [(String, SchemaValue)] {
        var members: [(String, SchemaValue)] = [
            ("type", shape.allowsNothing ? .array(["object", "null"]) : "object"),
            ("additionalProperties", false),
            ("properties", .object(shape.settings.map { ($0.key, render($0)) })),
        ]
        let required = shape.settings.filter(\.isRequired).map { SchemaValue.text($0.key) }
        if !required.isEmpty { members.append(("required", .array(required))) }
        let conditions =
            shape.alternatives.map { group in
                SchemaValue.object([("oneOf", .array(group.map { .object([("required", names($0))]) }))])
            }
            + shape.exclusive.flatMap(pairs).map { pair in
                SchemaValue.object([("not", .object([("required", names(pair))]))])
            }
        if !conditions.isEmpty { members.append(("allOf", .array(conditions))) }
        return members
    }

    private static func pairs(_ keys: [String]) -> [[String]] {
        keys.indices.flatMap { first in keys[(first + 1)...].map { [keys[first], $0] } }
    }

    private static func names(_ keys: [String]) -> SchemaValue { .array(keys.map { .text($0) }) }

    private static func render(_ setting: SettingShape) -> SchemaValue {
        var summary = setting.summary
        if case .timeSpan(let range) = setting.value {
            summary +=
                " A time span from \(TimeSpan.describe(range.lowerBound)) to \(TimeSpan.describe(range.upperBound)),"
                + " such as 30d or 1h 30min."
        }
        var members: [(String, SchemaValue)] = [("description", .text(summary))]
        members += render(setting.value)
        if let standard = setting.standard { members.append(("default", standard)) }
        return .object(members)
    }

    private static func render(_ value: ValueShape) -> [(String, SchemaValue)] {
        switch value {
        case .text(let pattern, let allowsNumbers, let examples):
            return [("type", allowsNumbers ? .array(["string", "integer"]) : "string"), ("minLength", 1)]
                + (pattern.map { [("pattern", SchemaValue.text($0))] } ?? [])
                + (examples.isEmpty ? [] : [("examples", .array(examples.map { .text($0) }))])
        case .timeSpan: return [("type", "string"), ("pattern", .text(timeSpanPattern))]
        case .boolean: return [("type", "boolean")]
        case .integer(let range):
            return [
                ("type", "integer"), ("minimum", .number(range.lowerBound)), ("maximum", .number(range.upperBound)),
            ]
        case .words(let words): return [("enum", .array(words.map { .text($0) }))]
        case .list(let item, let counts):
            return [("type", "array"), ("items", .object(render(item)))]
                + (counts.lowerBound > 0 ? [("minItems", .number(counts.lowerBound))] : [])
                + (counts.upperBound < .max ? [("maxItems", .number(counts.upperBound))] : [])
        case .mapping(let shape): return render(shape)
        case .named(let value, let pattern, let allowsNothing):
            return [
                ("type", allowsNothing ? .array(["object", "null"]) : "object"),
                ("propertyNames", .object([("pattern", .text(pattern))])),
                ("additionalProperties", .object(render(value))),
            ]
        case .kinds(let key, let summary, let kinds):
            let words = kinds.map { SchemaValue.text($0.word) }
            let discriminator = SchemaValue.object([("description", .text(summary)), ("enum", .array(words))])
            return [
                ("type", "object"), ("properties", .object([(key, discriminator)])), ("required", names([key])),
                ("allOf", .array(kinds.map { condition(key, $0.word, $0.shape) })),
            ]
        case .nothing: return [("type", "null")]
        case .word: return [("type", .array(["string", "number"]))]
        case .any(let shapes): return [("anyOf", .array(shapes.map { .object(render($0)) }))]
        }
    }

    /// What counts when the key has this word.
    private static func condition(_ key: String, _ word: String, _ shape: MappingShape) -> SchemaValue {
        let tag = SchemaValue.object([("const", .text(word))])
        let own = SettingShape(key, .words([word]), "Which kind it is.", isRequired: true)
        var whole = MappingShape(settings: [own] + shape.settings)
        whole.alternatives = shape.alternatives
        whole.exclusive = shape.exclusive
        return .object([
            ("if", .object([("properties", .object([(key, tag)])), ("required", names([key]))])),
            ("then", .object(render(whole))),
        ])
    }

    /// Lenient: the reader has the last word.
    private static var timeSpanPattern: String {
        let units = TimeSpan.unitNames.sorted { $0.count > $1.count }.joined(separator: "|")
        return "^[ \\t]*(P[0-9YMWDTHS.,]+|([0-9]+([.][0-9]+)?[ \\t]*(\(units))[ \\t]*)+)$"
    }
}
