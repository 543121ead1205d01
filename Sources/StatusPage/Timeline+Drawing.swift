import HTML
import Rotation

/// Where the parts of a row's picture are, in pixels from its top.
enum Lanes {
    static let height = 40.0
    static let lane = 10.0
    /// Of the strip that shows when rotations may begin.
    static let windows = (top: 34.0, height: 3.0)

    static func top(_ keyType: KeyType) -> Double {
        switch keyType {
        case .primary: 6
        case .secondary: 19
        }
    }
}

extension HTMLWriter {
    /// - Parameters:
    ///   - hours: the id of what `hours(_:id:_:)` has drawn for the policy; nil: it has no windows and no freezes.
    ///   - words: the same as the picture says, for those who do not see it.
    mutating func timeline(_ timeline: Timeline, _ range: TimeRange, hours: String?, words: String) {
        element(.svg, .class("tl"), .text(.role, "img"), .text(.ariaLabel, words)) { svg in
            svg.element(.use, .href(.fragment("grid")))
            if let hours { svg.element(.use, .href(.fragment(hours))) }
            if let trouble = timeline.trouble {
                let start = range.clamped(trouble.since)
                svg.element(
                    .rect, .class("trouble", trouble.health.name), .percent(.x, start), .pixels(.y, 0),
                    .percent(.width, max(0.4, 50 - start)), .pixels(.height, 3))
            }
            for stretch in timeline.stretches { svg.stretch(stretch, range) }
            svg.element(.use, .href(.fragment("now")))
            for mark in timeline.marks {
                svg.element(
                    .use, .class("mark", mark.kind.rawValue), .href(.fragment("m-\(mark.kind.rawValue)")),
                    .percent(.x, range.place(mark.at)),
                    .pixels(.y, Lanes.top(mark.keyType) + Lanes.lane / 2)
                ) { $0.element(.title, text: mark.words) }
            }
        }
    }

    private mutating func stretch(_ stretch: Timeline.Stretch, _ range: TimeRange) {
        let (start, end) = (range.clamped(stretch.start), range.clamped(stretch.end))
        let top = Lanes.top(stretch.keyType)
        element(
            .rect, .class(stretch.kind.rawValue), .percent(.x, start), .pixels(.y, top), .percent(.width, end - start),
            .pixels(.height, Lanes.lane))
        // A letter has room in it.
        guard stretch.kind == .current || stretch.kind == .planned, end - start >= 6 else { return }
        element(
            .text, .class("letter"), .percent(.x, (start + end) / 2), .pixels(.y, top + 8),
            text: String(stretch.keyType.rawValue.prefix(1)))
    }

    /// What all pictures of a page have in common, to be used by them: the grid, now, the marks, the shadings.
    mutating func drawings(_ range: TimeRange, _ hours: [(id: String, openings: Openings)]) {
        element(.svg, .class("defs"), .text(.ariaHidden, "true"), .text(.focusable, "false")) { svg in
            svg.element(.defs) { defs in
                defs.pattern("hatch", size: 5, turned: 45)
                defs.pattern("frost", size: 7, turned: -45)
                defs.element(.g, .id("grid")) { grid in
                    for keyType in KeyType.allCases {
                        let middle = Lanes.top(keyType) + Lanes.lane / 2
                        grid.element(
                            .line, .class("lane"), .percent(.x1, 0), .percent(.x2, 100), .pixels(.y1, middle),
                            .pixels(.y2, middle))
                    }
                    for tick in range.ticks {
                        let place = range.place(tick.at)
                        grid.element(
                            .line, .class("tick"), .percent(.x1, place), .percent(.x2, place), .pixels(.y1, 0),
                            .pixels(.y2, Lanes.height))
                    }
                }
                defs.element(.g, .id("now")) { now in
                    now.element(
                        .line, .class("now"), .percent(.x1, 50), .percent(.x2, 50), .pixels(.y1, 0),
                        .pixels(.y2, Lanes.height))
                }
                for (id, path) in Self.shapes { defs.element(.path, .id(id), .text(.d, path)) }
                for (id, openings) in hours { defs.hours(openings, id: id, range) }
            }
        }
    }

    /// A diamond, an empty one, a triangle, a dot and a cross.
    private static let shapes = [
        ("m-rotated", "M0-6L5 0 0 6-5 0z"), ("m-planned", "M0-5L4 0 0 5-4 0z"), ("m-mended", "M0-6L5.5 4.5-5.5 4.5z"),
        ("m-adopted", "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0"),
        ("m-retired", "M-3.5-3.5L3.5 3.5M-3.5 3.5L3.5-3.5"),
    ]

    private mutating func pattern(_ id: String, size: Double, turned degrees: Int) {
        element(
            .pattern, .id(id), .pixels(.width, size), .pixels(.height, size),
            .text(.patternUnits, "userSpaceOnUse"), .text(.patternTransform, "rotate(\(degrees))")
        ) { $0.element(.line, .class(id), .pixels(.x1, 0), .pixels(.x2, 0), .pixels(.y1, 0), .pixels(.y2, size)) }
    }

    /// When rotations may begin under a policy, as a strip, and its freezes, shaded from top to bottom.
    private mutating func hours(_ openings: Openings, id: String, _ range: TimeRange) {
        element(.g, .id(id)) { group in
            for (freeze, interval) in openings.frozen(from: range.from, until: range.until) {
                let (start, end) = (range.clamped(interval.start), range.clamped(interval.end))
                let words =
                    "no rotation begins from \(TimeText.exact(interval.start)) to \(TimeText.exact(interval.end))"
                    + (freeze.reason.isEmpty ? "" : ": \(freeze.reason)")
                group.element(
                    .rect, .class("freeze"), .fill("frost"), .percent(.x, start), .pixels(.y, 0),
                    .percent(.width, end - start), .pixels(.height, Lanes.height)
                ) { $0.element(.title, text: words) }
            }
            for (start, end) in Timeline.hours(openings, range) {
                group.element(
                    .rect, .class("window"), .percent(.x, start), .pixels(.y, Lanes.windows.top),
                    .percent(.width, end - start), .pixels(.height, Lanes.windows.height))
            }
        }
    }

    /// The dates above the pictures.
    mutating func axis(_ range: TimeRange) {
        element(.svg, .class("axis"), .text(.ariaHidden, "true")) { svg in
            for tick in range.ticks {
                let place = range.place(tick.at)
                // Not over the word in the middle, nor cut at the edges.
                guard abs(place - 50) > 7, place > 4, place < 96 else { continue }
                svg.element(.text, .percent(.x, place), .pixels(.y, 12), text: tick.label)
            }
            svg.element(.text, .class("now"), .percent(.x, 50), .pixels(.y, 12), text: "now")
        }
    }
}
