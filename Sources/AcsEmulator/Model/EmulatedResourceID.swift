/// The ARM id of an emulated CommunicationService. Kept as written, compared without regard to case.
package struct EmulatedResourceID: Sendable {
    package let subscription: String
    package let resourceGroup: String
    package let name: String

    /// Why a resource is refused; a sentence for the person who named it.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Reads `SUBSCRIPTION/GROUP/NAME` or a whole ARM id.
    package init(_ text: String) throws(Malformed) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 3:
            try self.init(subscription: parts[0], resourceGroup: parts[1], name: parts[2])
        case 9 where Self.isARMForm(parts):
            try self.init(subscription: parts[2], resourceGroup: parts[4], name: parts[8])
        default:
            throw Malformed(
                description: "'\(text)' is no resource: write SUBSCRIPTION/GROUP/NAME or the ARM resource id")
        }
    }

    /// The limits are those of the Microsoft.Communication REST specification 2026-03-18: the subscription is a UUID, a
    /// resource group has 1 to 90 characters, a name 1 to 63 of `[-\w]`.
    package init(subscription: String, resourceGroup: String, name: String) throws(Malformed) {
        let groups = subscription.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12], subscription.allSatisfy({ $0 == "-" || $0.isHexDigit })
        else {
            throw Malformed(description: "'\(subscription)' is no subscription: it must be a UUID")
        }
        guard (1...90).contains(resourceGroup.count), resourceGroup.last != ".",
            resourceGroup.allSatisfy({ $0.isLetter || $0.isNumber || "-_().".contains($0) })
        else {
            throw Malformed(
                description:
                    "'\(resourceGroup)' is no resource group: 1 to 90 letters, digits, '-', '_', '(', ')' or '.'")
        }
        guard (1...63).contains(name.count),
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        else {
            throw Malformed(description: "'\(name)' is no CommunicationService: 1 to 63 letters, digits, '-' or '_'")
        }
        self.subscription = subscription
        self.resourceGroup = resourceGroup
        self.name = name
    }

    /// Whether `text` means this resource: its ARM id, `SUBSCRIPTION/GROUP/NAME`, or its name alone.
    func isMeant(by text: String) -> Bool {
        if text.contains("/") { return (try? EmulatedResourceID(text)) == self }
        return name.lowercased() == text.lowercased()
    }

    /// What two ids share exactly when ARM takes them for the same resource.
    var key: String { description.lowercased() }

    private static func isARMForm(_ parts: [String]) -> Bool {
        let words = [0: "", 1: "subscriptions", 3: "resourcegroups", 5: "providers"]
        return words.allSatisfy { parts[$0.key].lowercased() == $0.value }
            && parts[6].lowercased() == "microsoft.communication" && parts[7].lowercased() == "communicationservices"
    }
}

extension EmulatedResourceID: CustomStringConvertible, Hashable {
    package var description: String {
        "/subscriptions/\(subscription)/resourceGroups/\(resourceGroup)"
            + "/providers/Microsoft.Communication/communicationServices/\(name)"
    }

    package static func == (left: EmulatedResourceID, right: EmulatedResourceID) -> Bool { left.key == right.key }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(key)
    }
}

extension EmulatedResourceID {
    /// The most resources that one emulator takes.
    package static let limit = 10_000

    /// Made-up resources for load: `load-00001` and on, in one subscription and resource group.
    package static func madeUp(_ count: Int) throws(Malformed) -> [EmulatedResourceID] {
        var ids: [EmulatedResourceID] = []
        for number in 0..<count {
            let digits = String(number + 1)
            let name = "load-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
            ids.append(
                try EmulatedResourceID(
                    subscription: "00000000-0000-0000-0000-00000000acc5", resourceGroup: "load", name: name))
        }
        return ids
    }
}
