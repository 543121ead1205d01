import EventCatalog
import HTML
import Rotation
import RotationEngine

extension HTMLWriter {
    /// A sentence of the catalog, in which commands stand in single quotes and NAME for a resource's name.
    ///
    /// - Parameter name: nil: several are meant.
    mutating func sentence(_ text: String, name: String?) {
        let text = name.map { text.replacing(word: "NAME", with: $0) } ?? text
        var rest = text[...]
        while let start = rest.openingQuote, let end = rest[rest.index(after: start)...].firstIndex(of: "'") {
            self.text(String(rest[..<start]))
            element(.code, text: String(rest[rest.index(after: start)..<end]))
            rest = rest[rest.index(after: end)...]
        }
        self.text(String(rest))
    }

    /// What the reason means and what to do about it.
    mutating func advice(_ reason: Reason, name: String?) {
        element(.p) { $0.sentence(reason.meaning, name: name) }
        element(.p) { line in
            line.element(.strong, text: "What to do: ")
            line.sentence(reason.advice, name: name)
        }
    }

    /// The words of whoever refused or failed: Azure, systemd, a command.
    mutating func said(_ text: String) {
        element(.p, .class("said")) { $0.element(.bdi, text: text) }
    }

    /// The health as a shape and a word, and why.
    mutating func health(_ health: Health) {
        icon(health.name)
        element(.span, .class("word", health.name), text: health.name)
    }
}

extension Substring {
    /// The first quote that begins a quotation: not one that stands for a letter, as in "Azure's".
    fileprivate var openingQuote: Index? {
        var before: Character = " "
        for index in indices {
            if self[index] == "'", before == " " || before == "(" { return index }
            before = self[index]
        }
        return nil
    }
}

extension String {
    /// With every word that reads so replaced.
    fileprivate func replacing(word: String, with replacement: String) -> String {
        var result = ""
        var current = ""
        func flushed() -> String { current == word ? replacement : current }
        for character in self {
            if character.isLetter || character.isNumber {
                current.append(character)
            } else {
                result += flushed() + String(character)
                current = ""
            }
        }
        return result + flushed()
    }
}
