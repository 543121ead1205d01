/// A relative reference (RFC 3986 §4.2) to another page of the same server, or to a place on the page; what comes from
/// outside is percent-encoded. It cannot name a scheme, so that no text becomes a script by being a link.
package struct Reference: Hashable, Sendable {
    let text: String

    private init(text: String) {
        self.text = text
    }

    /// - Parameter path: `./`, `../`, `./resource/`; it stands in the source.
    package init(_ path: StaticString) {
        text = path.description
    }

    /// A place on the same page.
    package static func fragment(_ id: String) -> Reference { Reference(text: "#" + encoded(id)) }

    /// A picture of its own, given as the SVG text, which stands in the source.
    package static func picture(svg: StaticString) -> Reference {
        Reference(text: "data:image/svg+xml," + encoded(svg.description))
    }

    /// The directory above, of a reference that is one.
    package var up: Reference { Reference(text: "../" + text) }

    /// One segment of a path more.
    package func appending(_ segment: String) -> Reference { Reference(text: text + Self.encoded(segment)) }

    /// One parameter of the query more; nil or nothing: none.
    package func query(_ name: StaticString, _ value: String?) -> Reference {
        guard let value, !value.isEmpty else { return self }
        let separator = text.contains("?") ? "&" : "?"
        return Reference(text: "\(text)\(separator)\(name)=\(Self.encoded(value))")
    }

    /// All but the unreserved characters of RFC 3986 §2.3.
    private static func encoded(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
