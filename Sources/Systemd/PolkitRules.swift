/// The rules file that lets one user do exactly named things to exactly named units, and nothing else (polkit(8),
/// AUTHORIZATION RULES). The order of grants does not matter, and a repeated one counts once.
package struct PolkitRules: Hashable, Sendable {
    /// A unit by its own name, and what polkit is told in the detail `verb`.
    package struct Grant: Hashable, Comparable, Sendable {
        package let unit: String
        package let verb: String

        package init(unit: String, verb: String) {
            self.unit = unit
            self.verb = verb
        }

        package static func < (left: Grant, right: Grant) -> Bool { (left.unit, left.verb) < (right.unit, right.verb) }

        fileprivate var text: String { "[\(literal(unit)), \(literal(verb))]" }
    }

    package let user: String
    /// Sorted.
    package let grants: [Grant]

    package init(user: String, grants: some Sequence<Grant>) {
        self.user = user
        self.grants = Set(grants).sorted()
    }

    /// The first line of each such file, by which it is known.
    package static let heading = "// Made by 'keyturn polkit-rule'; it is written anew when keyturn starts or reloads."

    /// A script for the JavaScript engines that polkit has had since version 0.106.
    package var text: String {
        """
        \(Self.heading)
        polkit.addRule(function (action, subject) {
            if (action.id !== "org.freedesktop.systemd1.manage-units" || subject.user !== \(literal(user))) {
                return polkit.Result.NOT_HANDLED;
            }
            var grants = [
        \(grants.map { "        " + $0.text }.joined(separator: ",\n"))
            ];
            for (var i = 0; i < grants.length; i++) {
                if (action.lookup("unit") === grants[i][0] && action.lookup("verb") === grants[i][1]) {
                    return polkit.Result.YES;
                }
            }
            return polkit.Result.NOT_HANDLED;
        });

        """
    }

    /// Those of the grants that a rules file made by this type does not give.
    package func missing(in text: String) -> [Grant] {
        guard text.hasPrefix(Self.heading), text.contains("subject.user !== \(literal(user))") else { return grants }
        return grants.filter { !text.contains("        " + $0.text) }
    }
}

/// A string literal of JavaScript.
private func literal(_ text: String) -> String {
    var literal = "\""
    for unit in text.utf16 {
        switch unit {
        case UInt16(UInt8(ascii: "\"")), UInt16(UInt8(ascii: "\\")):
            literal += "\\" + String(UnicodeScalar(UInt8(unit)))
        case 0x20...0x7e: literal += String(UnicodeScalar(UInt8(unit)))
        default:
            let digits = String(unit, radix: 16)
            literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }
    return literal + "\""
}
