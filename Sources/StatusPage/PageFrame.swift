import HTML
import Rotation

/// What all pages have around what they are about.
struct PageFrame {
    var title: String
    /// The word for the health that the tab shows; nil: none.
    var health: String?
    /// nil where it is not known.
    var daemon: DaemonFacts?
    var now: Instant
    /// The overview, seen from this page.
    var root: Reference
    /// The page is asked for again, and what has changed put in its place.
    var isRefreshed = true

    /// Seconds from one refresh to the next with the page's script, and without it.
    private static let refresh = (script: 15, reload: 60)

    func document(_ content: (inout HTMLWriter) -> Void) -> [UInt8] {
        var page = HTMLWriter()
        page.element(.html, .text(.lang, "en")) { html in
            html.element(.head) { head(&$0) }
            html.element(.body, .text(.dataRefresh, isRefreshed ? "\(Self.refresh.script)" : "0")) { body in
                body.icons()
                top(&body)
                body.element(.main, content: content)
                if let daemon { foot(daemon, &body) }
                if isRefreshed { body.script(RefreshScript.text) }
            }
        }
        return page.bytes
    }

    private func head(_ head: inout HTMLWriter) {
        head.element(.meta, .text(.charset, "utf-8"))
        head.element(.title, text: title)
        head.element(
            .meta, .text(.name, "viewport"), .text(.content, "width=device-width, initial-scale=1"))
        head.element(.meta, .text(.name, "color-scheme"), .text(.content, "light dark"))
        head.element(.link, .text(.rel, "icon"), .href(Icons.favicon(health ?? "held")))
        if isRefreshed {
            head.element(.noscript) { noscript in
                noscript.element(.meta, .text(.httpEquiv, "refresh"), .text(.content, "\(Self.refresh.reload)"))
            }
        }
        head.stylesheet(Stylesheet.text)
    }

    private func top(_ body: inout HTMLWriter) {
        body.element(.header, .class("top")) { header in
            header.element(.a, .class("brand"), .href(root), text: "keyturn")
            if let daemon { header.element(.span, .class("host")) { $0.element(.bdi, text: daemon.host) } }
            header.element(.span, .class("live asof"), .id("asof")) { asof in
                asof.text("as of ")
                let exact = TimeText.exact(now)
                asof.time(now, text: "\(exact.dropFirst(11).prefix(8)) UTC")
            }
            if isRefreshed {
                header.element(.label, .id("auto"), .flag(.hidden)) { label in
                    label.element(.input, .text(.type, "checkbox"), .flag(.checked), .text(.autocomplete, "off"))
                    label.text(" refresh every \(Self.refresh.script) s")
                }
            }
        }
        body.element(.p, .id("stale"), .class("stale"), .text(.role, "alert"), .flag(.hidden))
        body.element(.p, .id("announce"), .class("unseen"), .text(.role, "status"))
    }

    private func foot(_ daemon: DaemonFacts, _ body: inout HTMLWriter) {
        body.element(.footer, .class("live"), .id("foot")) { footer in
            footer.element(.p) { line in
                line.text("Keyturn \(daemon.version) runs for \(TimeText.span(now - daemon.startedAt)) with ")
                line.element(.code, text: daemon.configurationPath)
                line.text(", read ")
                line.relative(daemon.loadedAt, now: now)
                line.text(". Times are UTC unless a zone is named. Nothing can be changed here.")
            }
        }
    }
}
