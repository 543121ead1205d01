import Rotation

/// What is to happen, soonest first; of two at the same instant the one that was put in first.
struct EventQueue<Event> {
    private struct Entry {
        let at: Instant
        let order: Int
        let event: Event
    }

    private var heap: [Entry] = []
    private var order = 0

    var isEmpty: Bool { heap.isEmpty }

    var nextAt: Instant? { heap.first?.at }

    mutating func add(_ event: Event, at instant: Instant) {
        order += 1
        heap.append(Entry(at: instant, order: order, event: event))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(child, parent) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() -> (at: Instant, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.at, first.event)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in (2 * parent + 1)...(2 * parent + 2) where child < heap.count && isBefore(child, least) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].at, heap[left].order) < (heap[right].at, heap[right].order)
    }
}
