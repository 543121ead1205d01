/// The elements that pages are made of, of HTML and of SVG.
package enum Tag: String, CaseIterable, Sendable {
    case html, head, title, meta, link, style, script, noscript, body
    case header, main, footer, nav, section, article
    case h1, h2, h3, p, div, span, strong, small, code, pre, bdi, time, a
    case ul, ol, li, dl, dt, dd
    case table, caption, thead, tbody, tr, th, td
    case details, summary, form, label, input, button
    case svg, defs, g, pattern, use, rect, line, path, circle, text

    /// Has no end tag (HTML §13.1.2, void elements).
    var isVoid: Bool {
        switch self {
        case .meta, .link, .input: true
        default: false
        }
    }

    /// Of SVG, where an element without content may be closed in its start tag.
    var isShape: Bool {
        switch self {
        case .use, .rect, .line, .path, .circle: true
        default: false
        }
    }
}
