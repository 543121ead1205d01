extension EmulatorFault {
    /// Reads `NAME[=VALUE][,resource=…][,operation=…][,count=…]`.
    package init(_ text: String) throws(Malformed) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let (nameText, valueText) = Self.pair(parts.first ?? "")
        self.init(try EmulatorFaultName(checked: nameText))
        if let valueText {
            value = try Self.number(valueText, for: nameText)
        }
        for part in parts.dropFirst() {
            let (key, value) = Self.pair(part)
            guard let value, !value.isEmpty else {
                throw Malformed(description: "'\(part)' in fault \(nameText) needs a value: \(Self.filters)")
            }
            try set(key, to: value)
        }
        try validate()
    }

    private static let filters = "resource=NAME, operation=OPERATION or count=NUMBER"

    private mutating func set(_ key: String, to text: String) throws(Malformed) {
        switch key {
        case "resource":
            resource = text
        case "operation":
            operation = try EmulatedOperation(faultable: text)
        case "count":
            count = try Self.number(text, for: "count")
        default:
            throw Malformed(description: "'\(key)' in fault \(name.rawValue) is unknown: write \(Self.filters)")
        }
    }

    private static func pair(_ text: Substring) -> (String, String?) {
        guard let equals = text.firstIndex(of: "=") else { return (String(text), nil) }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    private static func number(_ text: String, for what: String) throws(Malformed) -> Int {
        guard let number = Int(text) else {
            throw Malformed(description: "\(what)=\(text): expected a whole number")
        }
        return number
    }
}

extension EmulatorFaultName {
    init(checked text: String) throws(EmulatorFault.Malformed) {
        guard let known = EmulatorFaultName(rawValue: text) else {
            let names = EmulatorFaultName.allCases.map(\.rawValue).joined(separator: ", ")
            throw EmulatorFault.Malformed(description: "'\(text)' is no fault: choose one of \(names)")
        }
        self = known
    }
}

extension EmulatedOperation {
    init(faultable text: String) throws(EmulatorFault.Malformed) {
        guard let known = EmulatedOperation(rawValue: text), Self.faultable.contains(known) else {
            let names = Self.faultable.map(\.rawValue).joined(separator: ", ")
            throw EmulatorFault.Malformed(
                description: "'\(text)' is no operation that a fault can strike: choose one of \(names)")
        }
        self = known
    }
}
