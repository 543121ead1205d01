import Rotation

/// What is to happen, soonest first; of two at the same instant the one that was put in first.
struct EventQueue<Event> {
    /// Short, because it is moved about in the heap; the event itself stays where it is.
    private struct Entry {
        let at: Instant
        let order: Int
        let place: Int

        func isBefore(_ other: Entry) -> Bool { at == other.at ? order < other.order : at < other.at }
    }

    private var heap: [Entry] = []
    private var events: [Event?] = []
    private var freePlaces: [Int] = []
    private var order = 0

    var isEmpty: Bool { heap.isEmpty }

    var nextAt: Instant? { heap.first?.at }

    mutating func add(_ event: consuming Event, at instant: Instant) {
        order += 1
        let entry = Entry(at: instant, order: order, place: keep(event))
        var child = heap.count
        heap.append(entry)
        while child > 0 {
            let parent = (child - 1) / 2
            guard entry.isBefore(heap[parent]) else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = entry
    }

    private mutating func keep(_ event: consuming Event) -> Int {
        guard let place = freePlaces.popLast() else {
            events.append(event)
            return events.count - 1
        }
        events[place] = event
        return place
    }

    mutating func removeFirst() -> (at: Instant, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty { sink(last) }
        freePlaces.append(first.place)
        return events[first.place].take().map { (first.at, $0) }
    }

    /// Puts the entry in the place of the first.
    private mutating func sink(_ entry: Entry) {
        let count = heap.count
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < count else { break }
            if child + 1 < count, heap[child + 1].isBefore(heap[child]) { child += 1 }
            guard heap[child].isBefore(entry) else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = entry
    }
}
