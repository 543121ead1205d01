import HTML
import Rotation

/// A shape for each health, so that colour is not all that tells them apart; used by their ids.
enum Icons {
    fileprivate static let shapes = [
        ("i-ok", "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm3.4 4.1L7 9.5 4.7 7.2 3.6 8.3 7 11.7l5.5-5.5z"),
        ("i-degraded", "M8 1.2 15.5 14.5H.5zM7.2 5.8l.2 4.4h1.2l.2-4.4zM8 11a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8z"),
        ("i-held", "M5 1h6l4 4v6l-4 4H5l-4-4V5zm2.2 3 .2 5h1.2l.2-5zM8 10.2a1 1 0 1 0 0 2 1 1 0 0 0 0-2z"),
        ("i-paused", "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM5.5 5v6h1.8V5zm3.2 0v6h1.8V5z"),
    ]

    /// The picture of the page's tab.
    static func favicon(_ health: String) -> Reference {
        switch health {
        case "held": .picture(svg: held)
        case "degraded": .picture(svg: degraded)
        default: .picture(svg: ok)
        }
    }

    private static let ok: StaticString = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#1f8a55"/><path d="M4 8.2 7 11l5-5.5" fill="none" stroke="#fff" stroke-width="2"/></svg>
        """
    private static let degraded: StaticString = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M8 1l7.5 14H.5z" fill="#d98a00"/><path d="M8 5.5v5M8 11.7v1.6" stroke="#000" stroke-width="1.8"/></svg>
        """
    private static let held: StaticString = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="#c62828"/><path d="M8 4v5M8 10.2v1.8" stroke="#fff" stroke-width="2"/></svg>
        """
}

extension HTMLWriter {
    /// To be written once on each page.
    mutating func icons() {
        element(.svg, .class("defs"), .text(.ariaHidden, "true"), .text(.focusable, "false")) { svg in
            svg.element(.defs) { defs in
                for (id, path) in Icons.shapes { defs.element(.path, .id(id), .text(.d, path)) }
            }
        }
    }

    /// What it says stands beside it as a word.
    mutating func icon(_ health: String) {
        element(.svg, .class("icon", health), .text(.ariaHidden, "true")) { svg in
            svg.element(.use, .href(.fragment("i-\(health)")))
        }
    }
}
