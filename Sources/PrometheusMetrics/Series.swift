/// The values behind one line, or the lines of one histogram, and what libraries write them through.
protocol Series: AnyObject, Sendable {
    var identity: SeriesIdentity { get }
    func write(to writer: inout ExpositionWriter)
}

/// Where a series stands in its registry.
struct SeriesIdentity: Hashable, Sendable {
    let family: String
    let labels: LabelSet
}
