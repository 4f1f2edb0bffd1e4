internal import CSQLite

/// SQLite's only connection to a file. Not for two threads at once.
///
/// Calls and codes: sqlite.org/c3ref.
struct Connection: ~Copyable {
    /// What SQLite says when it refuses.
    struct Refusal: Error { let words: String }

    enum Value: Sendable {
        case null
        case integer(Int64)
        case real(Double)
        case text(String)

        init(_ number: Double?) { self = number.map(Value.real) ?? .null }
        init(_ text: String?) { self = text.map(Value.text) ?? .null }
    }

    /// The row that a statement stands at, its columns from 0.
    struct Row: ~Copyable {
        fileprivate let statement: OpaquePointer

        func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
        func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
        func real(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

        func text(_ column: Int32) -> String {
            guard let bytes = sqlite3_column_text(statement, column) else { return "" }
            let count = Int(sqlite3_column_bytes(statement, column))
            return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
        }

        func textIfAny(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
        func realIfAny(_ column: Int32) -> Double? { isNull(column) ? nil : real(column) }
        func integerIfAny(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }
    }

    /// ms that a call waits for another program that has the file, such as a person's `sqlite3`.
    private static let patience: Int32 = 5000

    private let database: OpaquePointer

    init(path: String) throws(Refusal) {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            // It gives a connection also where it fails, for its words.
            let words = opened.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
            sqlite3_close_v2(opened)
            throw Refusal(words: words)
        }
        database = opened
        sqlite3_busy_timeout(opened, Self.patience)
    }

    deinit { sqlite3_close_v2(database) }

    /// Runs one statement that gives no rows, or whose rows nobody wants.
    func execute(_ sql: String, _ values: [Value] = []) throws(Refusal) {
        _ = try rows(sql, values) { (_: borrowing Row) throws(Refusal) in () }
    }

    /// Runs one statement, and gives what `read` makes of each row.
    func rows<Result>(
        _ sql: String, _ values: [Value] = [], _ read: (borrowing Row) throws(Refusal) -> Result
    ) throws(Refusal) -> [Result] {
        var prepared: OpaquePointer?
        try check(sqlite3_prepare_v2(database, sql, -1, &prepared, nil))
        guard let prepared else { throw Refusal(words: "'\(sql)' is no statement") }
        defer { sqlite3_finalize(prepared) }
        for (place, value) in zip(Int32(1)..., values) {
            switch value {
            case .null: try check(sqlite3_bind_null(prepared, place))
            case .integer(let number): try check(sqlite3_bind_int64(prepared, place, number))
            case .real(let number): try check(sqlite3_bind_double(prepared, place, number))
            case .text(let text):
                try check(da_sqlite_bind_text(prepared, place, text, Int32(clamping: text.utf8.count)))
            }
        }
        var results: [Result] = []
        while true {
            switch sqlite3_step(prepared) {
            case SQLITE_ROW: results.append(try read(Row(statement: prepared)))
            case SQLITE_DONE: return results
            default: throw refusal
            }
        }
    }

    /// All of `body`, on the disk, or nothing of it.
    func transaction<Result>(_ body: (borrowing Connection) throws(Refusal) -> Result) throws(Refusal) -> Result {
        try execute("BEGIN IMMEDIATE")
        do throws(Refusal) {
            let result = try body(self)
            try execute("COMMIT")
            return result
        } catch {
            // Some errors have ended it already; then this one has nothing to end.
            if sqlite3_get_autocommit(database) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// The number of the row that was inserted last.
    var lastRow: Int64 { sqlite3_last_insert_rowid(database) }

    private var refusal: Refusal { Refusal(words: String(cString: sqlite3_errmsg(database))) }

    private func check(_ code: Int32) throws(Refusal) {
        guard code == SQLITE_OK else { throw refusal }
    }
}
