import Rotation

/// The texts that are made of the tables.
package enum MessageCatalog {
    /// The message catalog as `journalctl --update-catalog` reads it from `/usr/lib/systemd/catalog`.
    package static var text: String {
        JournalEvent.all.sorted { $0.name < $1.name }.map(entry).reduce(head) { $0 + "\n" + $1 }
    }

    private static let head = """
        # What 'journalctl -x' says about Keyturn's events. Made by 'make catalog' from Sources/EventCatalog.

        """

    private static func entry(_ event: JournalEvent) -> String {
        """
        # \(event.name)
        -- \(event.id)
        Subject: Keyturn: \(event.subject)
        Defined-By: Keyturn
        Documentation: man:keyturn(8)

        \(event.explanation)

        """
    }

    /// The reason codes as the items of a list in a manual page (mdoc(7)): the code, what it means, what to do.
    package static var manual: String {
        let head = ".\\\" Made by 'make catalog' from Sources/EventCatalog.\n"
        return Reason.allCases.sorted { $0.rawValue < $1.rawValue }.reduce(head) { text, reason in
            text + ".It Cm \(roff(reason.rawValue))\n\(roff(reason.meaning))\n\(roff(reason.advice))\n"
        }
    }

    /// Escapes what roff would take for more than text; each sentence on a line of its own, as mdoc(7) wants it.
    private static func roff(_ text: String) -> String {
        text.split(separator: ". ").map { sentence in
            let escaped = sentence.map { character in
                switch character {
                case "\\": "\\e"
                case "-": "\\-"
                default: String(character)
                }
            }.joined()
            return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
        }.joined(separator: ".\n")
    }
}
