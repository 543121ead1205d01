import Rotation

/// How the names of discovered resources are made of their ids: `{resourceGroup}-{name}`.
package struct NameTemplate: Hashable, Sendable {
    package enum Placeholder: String, CaseIterable, Sendable {
        case name, resourceGroup, subscription
    }

    private enum Part: Hashable, Sendable {
        case literal(String)
        case placeholder(Placeholder)
    }

    /// Why a template is refused, and where in it.
    struct Malformed: Error, Equatable {
        let description: String
        var hint: String?
        /// Counted in characters from 0.
        let offset: Int
    }

    private let parts: [Part]

    /// The name of the resource alone.
    package static let standard = NameTemplate(parts: [.placeholder(.name)])

    private init(parts: [Part]) {
        self.parts = parts
    }

    init(_ text: String) throws(Malformed) {
        var parts: [Part] = []
        var rest = text[...]
        func offset() -> Int { text.distance(from: text.startIndex, to: rest.startIndex) }
        while let first = rest.first {
            if first == "{" {
                guard let end = rest.firstIndex(of: "}") else {
                    throw Malformed(description: "the placeholder that begins here has no '}'", offset: offset())
                }
                let word = String(rest[rest.index(after: rest.startIndex)..<end])
                guard let placeholder = Placeholder(rawValue: word) else {
                    let words = Placeholder.allCases.map { "{\($0.rawValue)}" }
                    throw Malformed(
                        description: "there is no placeholder '{\(clipped(word))}'",
                        hint: DidYouMean.candidate(for: word, among: Placeholder.allCases.map(\.rawValue))
                            .map { "did you mean '{\($0)}'?" } ?? "they are \(YAMLNode.alternatives(words))",
                        offset: offset())
                }
                parts.append(.placeholder(placeholder))
                rest = rest[rest.index(after: end)...]
            } else {
                let literal = rest.prefix { $0 != "{" }
                guard let bad = literal.first(where: { !Self.isAllowed($0) }) else {
                    parts.append(.literal(String(literal)))
                    rest = rest[literal.endIndex...]
                    continue
                }
                rest = rest[(literal.firstIndex(of: bad) ?? rest.startIndex)...]
                throw Malformed(
                    description: "'\(bad)' cannot be in a name: they have letters, digits, '-', '_' and '.'",
                    offset: offset())
            }
        }
        guard parts.contains(.placeholder(.name)) else {
            throw Malformed(
                description: "without {name} all resources of a group would get the same name", offset: 0)
        }
        self.parts = parts
    }

    /// The name of that resource. What an id may have and a name may not becomes '-'.
    package func name(of id: ResourceID) -> String {
        let name = parts.map { part in
            switch part {
            case .literal(let text): text
            case .placeholder(.name): id.name
            case .placeholder(.resourceGroup): id.resourceGroup
            case .placeholder(.subscription): id.subscription
            }
        }.joined()
        return Self.usable(name)
    }

    /// As close to the text as a name can be.
    package static func usable(_ text: String) -> String {
        let name = String(text.map { isAllowed($0) ? $0 : "-" })
        // Names do not begin with '-' or '.', ids may.
        return name.first.map { "-.".contains($0) ? "_" + name : name } ?? name
    }

    private static func isAllowed(_ character: Character) -> Bool {
        character.utf8.count == 1
            && character.utf8.allSatisfy { Names.isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }
}
