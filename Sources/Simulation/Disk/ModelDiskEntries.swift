/// The names in one directory, in the order of their bytes, each with the inode it leads to.
struct ModelDiskEntries {
    struct Entry {
        /// The first eight bytes as a number, so that most comparisons are of numbers.
        let beginning: UInt64
        let name: String
        var inode: Int
    }

    private(set) var sorted: [Entry] = []

    var isEmpty: Bool { sorted.isEmpty }

    subscript(_ name: Span<UInt8>) -> Int? {
        let place = place(of: name, Self.beginning(of: name))
        return place.isTaken ? sorted[place.index].inode : nil
    }

    subscript(_ name: String) -> Int? { self[name.utf8Span.span] }

    /// Gives the inode that had the name.
    @discardableResult
    mutating func set(_ name: String, to inode: Int) -> Int? {
        let beginning = Self.beginning(of: name.utf8Span.span)
        let place = place(of: name.utf8Span.span, beginning)
        guard place.isTaken else {
            sorted.insert(Entry(beginning: beginning, name: name, inode: inode), at: place.index)
            return nil
        }
        let old = sorted[place.index].inode
        sorted[place.index].inode = inode
        return old
    }

    /// Gives the inode that had the name.
    @discardableResult
    mutating func remove(_ name: String) -> Int? {
        let place = place(of: name.utf8Span.span, Self.beginning(of: name.utf8Span.span))
        return place.isTaken ? sorted.remove(at: place.index).inode : nil
    }

    mutating func removeAll(leadingTo inode: Int) {
        sorted.removeAll { $0.inode == inode }
    }

    mutating func renumber(_ number: (Int) -> Int) {
        for index in sorted.indices { sorted[index].inode = number(sorted[index].inode) }
    }

    private func place(of name: Span<UInt8>, _ beginning: UInt64) -> (index: Int, isTaken: Bool) {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            let order = order(of: middle, name, beginning)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    /// Below 0 when the entry comes before the name, 0 when it has that name.
    private func order(of index: Int, _ name: Span<UInt8>, _ beginning: UInt64) -> Int {
        let present = sorted[index].beginning
        if present != beginning { return present < beginning ? -1 : 1 }
        // No name has a zero in it, so that a last byte of zero means that the number is all of the name.
        return beginning & 0xff == 0 ? 0 : Self.compare(sorted[index].name.utf8Span.span, name)
    }

    private static func beginning(of name: Span<UInt8>) -> UInt64 {
        var number: UInt64 = 0
        for index in 0..<8 {
            number = number << 8 | (index < name.count ? UInt64(name[index]) : 0)
        }
        return number
    }

    /// As memcmp(3), the shorter of two with the same beginning first.
    private static func compare(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int {
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            return Int(left[index]) - Int(right[index])
        }
        return left.count - right.count
    }
}
