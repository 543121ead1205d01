/// Writes one HTML document, element by element. Text and attributes are escaped as they are written, and nothing but a
/// constant of the source can be written otherwise: whatever a page shows, it cannot become markup.
package struct HTMLWriter: Sendable {
    /// The document so far, in UTF-8.
    package private(set) var bytes: [UInt8] = []

    /// An empty document of HTML's current kind.
    package init() {
        bytes.append(contentsOf: "<!doctype html>\n".utf8)
    }

    /// An element with what `content` writes in it.
    package mutating func element(
        _ tag: Tag, _ attributes: Attribute..., content: (inout HTMLWriter) throws -> Void
    ) rethrows {
        open(tag, attributes)
        try content(&self)
        close(tag)
    }

    /// An element with a text in it, or with nothing.
    package mutating func element(_ tag: Tag, _ attributes: Attribute..., text: String? = nil) {
        guard let text else {
            if tag.isShape {
                write(tag, attributes)
                bytes.append(contentsOf: "/>".utf8)
            } else {
                open(tag, attributes)
                if !tag.isVoid { close(tag) }
            }
            return
        }
        open(tag, attributes)
        self.text(text)
        close(tag)
    }

    package mutating func text(_ text: String) {
        EscapedText.append(text, to: &bytes)
    }

    /// A stylesheet that stands in the source.
    package mutating func stylesheet(_ constant: StaticString) {
        raw(.style, constant)
    }

    /// A script that stands in the source.
    package mutating func script(_ constant: StaticString) {
        raw(.script, constant)
    }

    private mutating func raw(_ tag: Tag, _ constant: StaticString) {
        open(tag, [])
        constant.withUTF8Buffer { bytes.append(contentsOf: $0) }
        close(tag)
    }

    private mutating func open(_ tag: Tag, _ attributes: [Attribute]) {
        write(tag, attributes)
        bytes.append(UInt8(ascii: ">"))
    }

    private mutating func write(_ tag: Tag, _ attributes: [Attribute]) {
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: tag.rawValue.utf8)
        for attribute in attributes {
            bytes.append(UInt8(ascii: " "))
            attribute.name.withUTF8Buffer { bytes.append(contentsOf: $0) }
            guard let value = attribute.value else { continue }
            bytes.append(contentsOf: "=\"".utf8)
            EscapedText.append(value, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        }
    }

    private mutating func close(_ tag: Tag) {
        bytes.append(contentsOf: "</".utf8)
        bytes.append(contentsOf: tag.rawValue.utf8)
        bytes.append(UInt8(ascii: ">"))
    }
}
