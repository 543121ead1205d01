import HTML

/// What the address of the overview asks for.
package struct OverviewQuery: Hashable, Sendable {
    /// Why an address asks for nothing that there is; a sentence for whoever typed it.
    package struct Malformed: Error, Hashable, Sendable {
        package let description: String

        package init(description: String) {
            self.description = description
        }
    }

    /// Only resources that have it in their name, id, policy, health or reason.
    package var filter: String
    /// From 1.
    package var page: Int
    /// nil: as suits the policies.
    package var span: TimeRange.Span?

    static let longestFilter = 200

    /// - Parameters: as the address has them, percent-decoded; nil when it does not have them.
    package init(filter: String?, page: String?, span: String?) throws(Malformed) {
        let filter = filter ?? ""
        guard filter.count <= Self.longestFilter else {
            throw Malformed(description: "A filter has at most \(Self.longestFilter) characters.")
        }
        self.filter = filter
        if let page {
            guard page.utf8.count <= 6, let number = Int(page), number >= 1 else {
                throw Malformed(description: "A page is a number from 1 on, as in ?page=2.")
            }
            self.page = number
        } else {
            self.page = 1
        }
        self.span = try Self.span(span)
    }

    /// - Returns: nil when none is asked for.
    package static func span(_ text: String?) throws(Malformed) -> TimeRange.Span? {
        guard let text, !text.isEmpty else { return nil }
        guard let span = TimeRange.Span(rawValue: text) else {
            let spans = TimeRange.Span.allCases.map(\.rawValue).joined(separator: ", ")
            throw Malformed(description: "The time shown is one of \(spans), as in ?span=7d.")
        }
        return span
    }

    /// The address of the same list with another page, filter or span.
    func reference(filter: String? = nil, page: Int = 1, span: TimeRange.Span?? = .none) -> Reference {
        Reference("./").query("q", filter ?? self.filter).query("span", (span ?? self.span)?.rawValue)
            .query("page", page == 1 ? nil : String(page))
    }
}
