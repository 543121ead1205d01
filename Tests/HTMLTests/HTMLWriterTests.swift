import Testing

@testable import HTML

@Suite struct HTMLWriterTests {
    private func written(_ write: (inout HTMLWriter) -> Void) -> String {
        var writer = HTMLWriter()
        write(&writer)
        return String(String(decoding: writer.bytes, as: UTF8.self).dropFirst("<!doctype html>\n".count))
    }

    @Test(arguments: [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        (#"" onload="x"#, "&quot; onload=&quot;x"), ("' onload='x", "&#39; onload=&#39;x"),
        ("a & b &lt;", "a &amp; b &amp;lt;"), ("Grüße, 世界 🗝", "Grüße, 世界 🗝"), ("two\nlines\there", "two\nlines\there"),
        ("\u{0}\u{1B}[31m\r\u{7F}\u{85}", "\u{FFFD}\u{FFFD}[31m\u{FFFD}\u{FFFD}\u{FFFD}"),
        ("a\u{202E}b\u{2066}c", "a\u{FFFD}b\u{FFFD}c"), ("", ""),
    ])
    func `text is text, between tags and in attributes`(_ text: String, _ escaped: String) {
        #expect(written { $0.element(.p, text: text) } == "<p>\(escaped)</p>")
        #expect(written { $0.element(.p, .text(.title, text)) } == "<p title=\"\(escaped)\"></p>")
        #expect(written { $0.element(.p, .class(text)) } == "<p class=\"\(escaped)\"></p>")
        #expect(written { $0.text(text) } == escaped)
    }

    @Test func `elements nest, void ones have no end, and shapes close themselves`() {
        let text = written { writer in
            writer.element(.form, .id("f"), .action(Reference("./"))) { form in
                form.element(.input, .text(.name, "q"), .flag(.checked))
                form.element(.svg) { svg in
                    svg.element(.rect, .percent(.x, 12.5), .pixels(.height, 3), .fill("hatch"))
                    svg.element(.use, .href(.fragment("now"))) { $0.element(.title, text: "<") }
                }
                form.element(.span)
            }
        }
        #expect(
            text
                == #"<form id="f" action="./"><input name="q" checked><svg><rect x="12.5%" height="3" fill="url(#hatch)"/>"#
                + ##"<use href="#now"><title>&lt;</title></use></svg><span></span></form>"##)
    }

    @Test func `styles and scripts stand as they are in the source`() {
        #expect(written { $0.stylesheet("a > b { color: red }") } == "<style>a > b { color: red }</style>")
        #expect(written { $0.script("if (a < b && c) { }") } == "<script>if (a < b && c) { }</script>")
    }

    @Test func `what is thrown while an element is written goes on`() {
        struct Thrown: Error {}
        var writer = HTMLWriter()
        #expect(throws: Thrown.self) { try writer.element(.p) { _ in throw Thrown() } }
    }

    @Test(arguments: [
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"), ("//evil.example/", "./%2F%2Fevil.example%2F"),
        ("a b\"<>", "./a%20b%22%3C%3E"), ("contoso-sms_1.x~", "./contoso-sms_1.x~"), ("ü", "./%C3%BC"),
        ("../..", "./..%2F.."),
    ])
    func `what comes from outside is one segment of a reference`(_ segment: String, _ expected: String) {
        #expect(Reference("./").appending(segment).text == expected)
    }

    @Test func `queries are encoded, and nothing is asked for with nothing`() {
        let reference = Reference("./").query("q", "a&b=c d").query("page", nil).query("span", "7d").query("x", "")
        #expect(reference.text == "./?q=a%26b%3Dc%20d&span=7d")
        #expect(Reference.fragment("m-rotated").text == "#m-rotated")
        #expect(Reference("../").up.text == "../../")
        #expect(Reference.picture(svg: "<svg/>").text == "data:image/svg+xml,%3Csvg%2F%3E")
    }

    @Test(arguments: [
        (0.0, "0"), (50.0, "50"), (12.345, "12.35"), (12.305, "12.31"), (0.1, "0.1"), (-0.5, "-0.5"), (99.999, "100"),
        (.nan, "0"), (.infinity, "0"), (7.05, "7.05"), (-0.001, "0"),
    ])
    func `numbers are as short as they can be`(_ number: Double, _ text: String) {
        #expect(Decimals.text(number) == text)
    }
}
