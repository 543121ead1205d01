/// What an identity may do at a scope, as `Microsoft.Authorization/permissions` lists it: an entry for each role.
package struct PermissionSet: Hashable, Sendable {
    /// A role allows what one of its `actions` matches and none of its `notActions`.
    package struct Entry: Hashable, Sendable {
        package let actions: [String]
        package let notActions: [String]

        package init(actions: [String], notActions: [String] = []) {
            self.actions = actions
            self.notActions = notActions
        }

        init?(_ json: JSONValue) {
            guard case .object = json else { return nil }
            actions = json["actions"]?.elements.compactMap(\.string) ?? []
            notActions = json["notActions"]?.elements.compactMap(\.string) ?? []
        }
    }

    package let entries: [Entry]

    package init(entries: [Entry]) {
        self.entries = entries
    }

    /// What one role leaves out another may allow. Deny assignments are not listed.
    package func allows(_ action: String) -> Bool {
        let action = Array(action.lowercased().utf8)
        func matches(_ pattern: String) -> Bool { Self.matches(Array(pattern.lowercased().utf8), action) }
        return entries.contains { $0.actions.contains(where: matches) && !$0.notActions.contains(where: matches) }
    }

    /// `*` stands for any text, also for none and for several segments.
    private static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        var (place, at) = (0, 0)
        // Where the last `*` stands, and where in the text it ends for now.
        var star: (place: Int, at: Int)?
        while at < text.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                star = (place, at)
                place += 1
            } else if place < pattern.count, pattern[place] == text[at] {
                place += 1
                at += 1
            } else if let last = star {
                star = (last.place, last.at + 1)
                place = last.place + 1
                at = last.at + 1
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
