import Synchronization

/// The daemon's memory: the phase of every resource and the history of every event, in SQLite.
///
/// What `save` returned from is on the disk. No other process can open the same ledger. Every call blocks, so it
/// belongs on a thread of its own, off the cooperative pool; calls from several threads take turns.
package final class Ledger: Sendable {
    /// A damaged ledger that `open` moved out of the way.
    package struct SetAside: Hashable, Sendable {
        /// Where it is now (with its `-wal` beside it).
        package let path: String
        /// What was wrong with it.
        package let cause: String
    }

    package let path: String
    /// Not nil when the ledger was damaged and this one is new: every resource has to be adopted, and the operator
    /// told.
    package let setAside: SetAside?
    private let store: Mutex<LedgerStore?>
    private let lock: LedgerLock

    init(path: String, store: consuming sending LedgerStore, lock: LedgerLock, setAside: SetAside?) {
        self.path = path
        self.store = Mutex(consume store)
        self.lock = lock
        self.setAside = setAside
    }

    /// Every resource's row, by name.
    package func rows() throws(LedgerError) -> [LedgerRow] {
        try withStore { (store) throws(LedgerError) in try store.rows() }
    }

    /// Replaces the resource's row and appends the events, all or nothing; durable when it returns.
    ///
    /// An Azure resource has one row: the one that it had under another name goes. The row that another Azure resource has
    /// under this name is not lost: from then on its name is the Azure resource's id.
    package func save(_ row: LedgerRow, events: [LedgerEvent] = []) throws(LedgerError) {
        try withStore { (store) throws(LedgerError) in try store.save(row, events) }
    }

    /// Appends events that change no row; durable when it returns.
    package func append(_ events: [LedgerEvent]) throws(LedgerError) {
        try withStore { (store) throws(LedgerError) in try store.save(nil, events) }
    }

    /// Removes the row of a resource that is no longer in the configuration; its history stays.
    package func forget(_ resource: String, events: [LedgerEvent] = []) throws(LedgerError) {
        try withStore { (store) throws(LedgerError) in try store.save(nil, events, forgetting: resource) }
    }

    /// The resources that were discovered, in the order in which they were; each as text made by the caller.
    package func discovered() throws(LedgerError) -> [String] {
        try withStore { (store) throws(LedgerError) in try store.discovered() }
    }

    /// Replaces all of what was discovered, or nothing of it; durable when it returns.
    package func replaceDiscovered(_ entries: [String]) throws(LedgerError) {
        try withStore { (store) throws(LedgerError) in try store.replaceDiscovered(entries) }
    }

    /// Events, newest first.
    ///
    /// - Parameter resource: only this resource's; nil: all.
    /// - Parameter before: only events with a smaller id, to page on from the last one shown.
    package func history(
        resource: String? = nil, limit: Int, before: Int64? = nil
    ) throws(LedgerError) -> [LedgerEvent] {
        try history(LedgerQuery(resource: resource, before: before, limit: limit))
    }

    /// The events that the query asks for, newest first.
    package func history(_ query: LedgerQuery) throws(LedgerError) -> [LedgerEvent] {
        try withStore { (store) throws(LedgerError) in try store.history(query) }
    }

    /// The latest events of one kind that a resource had, newest first.
    ///
    /// - Parameter within: so many of its latest events, of whatever kind, are looked through.
    package func latest(
        _ kind: String, of resource: String, limit: Int, within: Int
    ) throws(LedgerError) -> [LedgerEvent] {
        try withStore { (store) throws(LedgerError) in
            try store.latest(kind, of: resource, limit: limit, within: within)
        }
    }

    /// Closes the file and lets another process open it. Further calls throw `.closed`.
    package func close() {
        store.withLock { $0 = nil }
        lock.release()
    }

    func withStore<Result: Sendable>(
        _ body: (borrowing LedgerStore) throws(LedgerError) -> Result
    ) throws(LedgerError) -> Result {
        try store.withLock { (store) throws(LedgerError) -> Result in
            switch store {
            case .some(let store): return try body(store)
            case .none: throw .closed(path: path)
            }
        }
    }
}
