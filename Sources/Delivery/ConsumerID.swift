import Systemd

/// The name of a consumer in the ledger, by which it is remembered who was told of a version:
/// `reload:contoso-sms.service`, `restart:contoso-mail.service` or `run:/usr/local/bin/warm-cache --acs`. It is the same
/// in every run, and two consumers of a resource never share one.
///
/// A unit that is to be restarted from now on counts as another consumer than the one that was reloaded: whoever changes
/// that in the configuration does so because the reload did not reach the service, which then holds an older key. How
/// long it may take, and whether a unit that does not run is started, makes no other consumer.
package struct ConsumerID: Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    init(_ consumer: Consumer) {
        switch consumer.means {
        case .unit(let unit, let verb): rawValue = (verb.reloads ? "reload:" : "restart:") + unit
        // Whoever changes the key wants it encrypted anew.
        case .credential(let name, let key, _): rawValue = "encrypt:\(key):\(name)"
        case .command(let arguments): rawValue = "run:" + arguments.map(Self.escaped).joined(separator: " ")
        }
    }

    /// The argument without white space or control characters, so that a space stands between arguments only.
    private static func escaped(_ argument: String) -> String {
        if argument.isEmpty { return "\\0" }
        var text = ""
        for scalar in argument.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case " ": text += "\\s"
            case _ where scalar.properties.isWhitespace || scalar.properties.generalCategory == .control:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension ConsumerID: CustomStringConvertible, Codable {
    package var description: String { rawValue }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}
