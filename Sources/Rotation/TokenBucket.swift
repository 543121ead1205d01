/// A bucket of tokens that refills steadily, kept as the time until it would be full again (the generic cell rate
/// algorithm). A token may be taken before it is there: then others wait longer.
struct TokenBucket: Hashable, Sendable {
    /// From one token to the next.
    private let interval: Duration
    /// For an empty bucket to fill.
    private let depth: Duration
    private let capacity: Int
    private var missing: Duration = .zero

    /// Full at first.
    init(capacity: Int, interval: Duration) {
        self.capacity = capacity
        self.interval = interval
        depth = interval * capacity
    }

    /// Whole tokens that are there.
    var tokens: Int { min(capacity, max(0, Int((depth - missing) / interval))) }

    /// Until there is a token; zero when there is one.
    var wait: Duration { max(.zero, missing + interval - depth) }

    mutating func take() { missing += interval }

    mutating func refill(_ elapsed: Duration) { missing = max(.zero, missing - elapsed) }

    /// There are no more tokens than that.
    mutating func lower(to tokens: Int) {
        missing = max(missing, depth - interval * min(max(tokens, 0), capacity))
    }

    /// The next token comes after `wait`.
    mutating func delay(_ wait: Duration) { missing = max(missing, wait + depth - interval) }
}
