import CSQLite

/// A prepared statement. Values reach it only by binding.
struct SQLiteStatement: ~Copyable {
    enum Value {
        case null
        case integer(Int64)
        case text(String)

        init(_ text: String?) {
            self = text.map { .text($0) } ?? .null
        }

        init(_ integer: Int?) {
            self = integer.map { .integer(Int64($0)) } ?? .null
        }
    }

    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private let path: String

    init(_ handle: OpaquePointer, of connection: OpaquePointer, path: String) {
        self.handle = handle
        self.connection = connection
        self.path = path
    }

    deinit {
        sqlite3_finalize(handle)
    }

    func run(_ values: [Value], operation: String) throws(LedgerError) {
        _ = try rows(values, operation: operation) { _ in () }
    }

    /// Binds the values to ?1, ?2, … and reads every row.
    func rows<Result>(
        _ values: [Value], operation: String, _ read: (SQLiteRow) -> Result
    ) throws(LedgerError) -> [Result] {
        // A statement that was not reset keeps its read transaction, and with it the log, for ever.
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        for (index, value) in values.enumerated() {
            guard bind(value, at: Int32(index + 1)) == SQLITE_OK else { throw error(operation) }
        }
        var results: [Result] = []
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: results.append(read(SQLiteRow(handle)))
            case SQLITE_DONE: return results
            default: throw error(operation)
            }
        }
    }

    private func bind(_ value: Value, at index: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let integer): return sqlite3_bind_int64(handle, index, integer)
        case .text(let text):
            // SQLITE_TRANSIENT, a cast that Swift does not import: SQLite copies the text.
            let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            return text.withCString {
                sqlite3_bind_text(handle, index, $0, Int32(clamping: text.utf8.count), transient)
            }
        }
    }

    private func error(_ operation: String) -> LedgerError {
        .sqlite(connection, path: path, operation: operation)
    }
}

/// The row a statement stands on. Valid only while it is handed to the reading closure.
struct SQLiteRow {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    func text(_ column: Int32) -> String {
        optionalText(column) ?? ""
    }

    func optionalText(_ column: Int32) -> String? {
        guard let bytes = sqlite3_column_text(handle, column) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    func optionalInteger(_ column: Int32) -> Int? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : Int(sqlite3_column_int64(handle, column))
    }
}
