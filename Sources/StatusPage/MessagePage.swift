import HTML
import Rotation

/// A page that says why there is no other.
package struct MessagePage: Sendable {
    let title: String
    let text: String
    let root: Reference
    let daemon: DaemonFacts?
    let now: Instant

    /// - Parameters:
    ///   - depth: how many segments the path that was asked for has below the first one; the overview is as far up.
    ///   - daemon: nil where the daemon cannot be asked.
    package init(_ title: String, _ text: String, depth: Int, daemon: DaemonFacts? = nil, now: Instant) {
        self.title = title
        self.text = text
        self.daemon = daemon
        self.now = now
        root = depth <= 0 ? Reference("./") : (1..<min(depth, 20)).reduce(Reference("../")) { root, _ in root.up }
    }

    /// The document, in UTF-8.
    package func html() -> [UInt8] {
        let frame = PageFrame(
            title: "\(title) · keyturn", health: nil, daemon: daemon, now: now, root: root, isRefreshed: false)
        return frame.document { main in
            main.element(.section, .class("live"), .id("verdict")) { section in
                section.element(.h1, .id("how"), .class("verdict plain"), text: title)
                section.element(.p) { $0.element(.bdi, text: text) }
                section.element(.p) { $0.element(.a, .class("button"), .href(root), text: "All resources") }
            }
        }
    }
}
