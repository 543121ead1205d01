/// One attribute. Its value is escaped as it is written; its name stands in the source.
package struct Attribute: Sendable {
    let name: StaticString
    /// nil: it is there or not, without a value.
    let value: String?

    private init(_ name: StaticString, _ value: String?) {
        self.name = name
        self.value = value
    }

    /// One that holds text: never a URL, never a script, never a style, which have constructors of their own or none.
    package static func text(_ name: TextName, _ value: String) -> Attribute { Attribute(name.text, value) }

    /// One that is there, without a value.
    package static func flag(_ flag: Flag) -> Attribute { Attribute(flag.text, nil) }

    /// A place or a length along an axis that is 100 long.
    package static func percent(_ name: Place, _ value: Double) -> Attribute {
        Attribute(name.text, Decimals.text(value) + "%")
    }

    /// A place or a length in pixels.
    package static func pixels(_ name: Place, _ value: Double) -> Attribute {
        Attribute(name.text, Decimals.text(value))
    }

    package static func `class`(_ names: String...) -> Attribute { Attribute("class", names.joined(separator: " ")) }
    package static func id(_ id: String) -> Attribute { Attribute("id", id) }
    package static func href(_ reference: Reference) -> Attribute { Attribute("href", reference.text) }
    package static func action(_ reference: Reference) -> Attribute { Attribute("action", reference.text) }
    /// What is painted with the element of that id, a pattern.
    package static func fill(_ id: String) -> Attribute { Attribute("fill", "url(#\(id))") }

    /// Attributes that hold text.
    package enum TextName: Sendable {
        case ariaCurrent, ariaHidden, ariaLabel, ariaLabelledBy, charset, content, dataKey, dataRefresh, datetime, d
        case `for`, httpEquiv, lang, maxlength, method, name, patternTransform, patternUnits, placeholder, rel, role,
            scope, title
        case type, value, autocomplete, tabindex, textAnchor, focusable

        var text: StaticString {
            switch self {
            case .ariaCurrent: "aria-current"
            case .ariaHidden: "aria-hidden"
            case .ariaLabel: "aria-label"
            case .ariaLabelledBy: "aria-labelledby"
            case .charset: "charset"
            case .content: "content"
            case .dataKey: "data-key"
            case .dataRefresh: "data-refresh"
            case .datetime: "datetime"
            case .d: "d"
            case .for: "for"
            case .httpEquiv: "http-equiv"
            case .lang: "lang"
            case .maxlength: "maxlength"
            case .method: "method"
            case .name: "name"
            case .patternTransform: "patternTransform"
            case .patternUnits: "patternUnits"
            case .placeholder: "placeholder"
            case .rel: "rel"
            case .role: "role"
            case .scope: "scope"
            case .title: "title"
            case .type: "type"
            case .value: "value"
            case .autocomplete: "autocomplete"
            case .tabindex: "tabindex"
            case .textAnchor: "text-anchor"
            case .focusable: "focusable"
            }
        }
    }

    package enum Flag: Sendable {
        case open, hidden, checked

        var text: StaticString {
            switch self {
            case .open: "open"
            case .hidden: "hidden"
            case .checked: "checked"
            }
        }
    }

    /// Attributes of SVG that hold a number.
    package enum Place: Sendable {
        case x, y, x1, x2, y1, y2, cx, cy, r, rx, width, height

        var text: StaticString {
            switch self {
            case .x: "x"
            case .y: "y"
            case .x1: "x1"
            case .x2: "x2"
            case .y1: "y1"
            case .y2: "y2"
            case .cx: "cx"
            case .cy: "cy"
            case .r: "r"
            case .rx: "rx"
            case .width: "width"
            case .height: "height"
            }
        }
    }
}

/// Numbers as short as they can be said.
enum Decimals {
    /// With at most two digits after the point, and none that is not needed; what is no number is 0.
    static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "0" }
        let hundredths = Int((value * 100).rounded())
        let sign = hundredths < 0 ? "-" : ""
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        if rest == 0 { return "\(sign)\(whole)" }
        return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
