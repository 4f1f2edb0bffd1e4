package import Handover
internal import Synchronization

/// What the agent must still know after it was killed, in SQLite.
///
/// One connection, used by one caller at a time; every write is on the disk before the call returns (rollback
/// journal and `synchronous = EXTRA`: the library's usual settings lose commits at a power cut). Look into it with
/// `sqlite3`. Each call throws a `Fault` when SQLite or the disk refuses.
package final class Journal: Sendable {
    /// Events kept; older ones are dropped, so that the file does not grow for ever.
    package static let eventsMax = 10_000

    package let path: String
    private let connection: Mutex<Connection>

    /// Opens or creates the journal.
    ///
    /// - Throws: `Fault` when it cannot be opened, or when SQLite does not take the settings that make
    ///   commits last.
    package init(path: String) throws(Fault) {
        self.path = path
        do throws(Connection.Refusal) { connection = Mutex(try Self.open(path)) } catch {
            throw Self.fault(path, error)
        }
    }

    private static func open(_ path: String) throws(Connection.Refusal) -> Connection {
        let connection = try Connection(path: path)
        let mode = try connection.rows("PRAGMA journal_mode = DELETE") { $0.text(0) }.first ?? "none"
        try connection.execute("PRAGMA synchronous = EXTRA")
        try connection.execute("PRAGMA foreign_keys = ON")
        let synchronous = try connection.rows("PRAGMA synchronous") { $0.integer(0) }.first ?? -1
        guard synchronous == 3, mode == "delete" else {
            throw Connection.Refusal(
                words:
                    "SQLite runs with synchronous \(synchronous) and journal mode \(mode) instead of 3 and delete, commits could vanish at a power cut"
            )
        }
        // Tables of an older journal are left as they are.
        try connection.transaction { connection throws(Connection.Refusal) in
            for table in tables { try connection.execute(table) }
        }
        return connection
    }

    private static let tables = [
        """
        CREATE TABLE IF NOT EXISTS updates (
            id INTEGER PRIMARY KEY AUTOINCREMENT, reference TEXT NOT NULL, image TEXT, owner TEXT NOT NULL,
            candidate TEXT NOT NULL, phase TEXT NOT NULL, "begin" DOUBLE NOT NULL, "end" DOUBLE, outcome TEXT, reason TEXT)
        """,
        """
        CREATE TABLE IF NOT EXISTS events (
            id INTEGER PRIMARY KEY AUTOINCREMENT, update_id INTEGER REFERENCES updates(id), time DOUBLE NOT NULL,
            phase TEXT NOT NULL, text TEXT NOT NULL)
        """,
        """
        CREATE TABLE IF NOT EXISTS instances (
            name TEXT PRIMARY KEY NOT NULL, reference TEXT NOT NULL, manifest TEXT NOT NULL, config TEXT NOT NULL,
            role TEXT NOT NULL, container TEXT)
        """,
        """
        CREATE TABLE IF NOT EXISTS committed (
            id INTEGER PRIMARY KEY AUTOINCREMENT, image TEXT NOT NULL, time DOUBLE NOT NULL)
        """,
    ]

    private static func fault(_ path: String, _ refusal: Connection.Refusal) -> Fault {
        Fault(
            "The journal \(path) fails (\(oneLine(refusal.words))); check the disk, or move the file away to begin a new one."
        )
    }

    /// All that `body` writes, or nothing of it.
    func write<Value: Sendable>(
        _ body: (borrowing Connection) throws(Connection.Refusal) -> Value
    ) throws(Fault) -> Value {
        try use { connection throws(Connection.Refusal) in try connection.transaction(body) }
    }

    /// One statement alone, which is a transaction too.
    func write(_ sql: String, _ values: [Connection.Value]) throws(Fault) {
        try use { connection throws(Connection.Refusal) in try connection.execute(sql, values) }
    }

    func read<Value: Sendable>(
        _ sql: String, _ values: [Connection.Value] = [],
        _ row: (borrowing Connection.Row) throws(Connection.Refusal) -> Value
    ) throws(Fault) -> [Value] {
        try use { connection throws(Connection.Refusal) in try connection.rows(sql, values, row) }
    }

    private func use<Value: Sendable>(
        _ body: (borrowing Connection) throws(Connection.Refusal) -> Value
    ) throws(Fault) -> Value {
        do throws(Connection.Refusal) {
            return try connection.withLock { connection throws(Connection.Refusal) in try body(connection) }
        } catch {
            throw Self.fault(path, error)
        }
    }

    // MARK: Updates

    /// Writes the beginning of an update down and gives its number.
    package func begin(_ update: UpdateRecord, time: Double) throws(Fault) -> Int64 {
        try write { connection throws(Connection.Refusal) in
            try connection.execute(
                """
                INSERT INTO updates (reference, image, owner, candidate, phase, "begin", "end", outcome, reason)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(update.reference), .init(update.image), .text(update.owner), .text(update.candidate),
                    .text(update.phase), .real(update.begin), .init(update.end), .init(update.outcome),
                    .init(update.reason),
                ])
            let id = connection.lastRow
            try Self.note(connection, id, update.phase, "begin \(update.reference)", time)
            return id
        }
    }

    /// Writes down that update `id` has reached `phase`.
    package func advance(_ id: Int64, phase: String, text: String, time: Double) throws(Fault) {
        try write { connection throws(Connection.Refusal) in
            try connection.execute("UPDATE updates SET phase = ? WHERE id = ?", [.text(phase), .integer(id)])
            try Self.note(connection, id, phase, text, time)
        }
    }

    /// Writes down what the reference of update `id` was resolved to.
    package func resolve(_ id: Int64, image: String) throws(Fault) {
        try write("UPDATE updates SET image = ? WHERE id = ?", [.text(image), .integer(id)])
    }

    /// Writes the end of update `id` down, and with it what it committed, if it did.
    package func end(
        _ id: Int64, outcome: String, reason: String, time: Double, committed: ResolvedImage? = nil
    ) throws(Fault) {
        try write { connection throws(Connection.Refusal) in
            if let committed { try Self.commit(committed, time, connection) }
            try connection.execute(
                #"UPDATE updates SET outcome = ?, reason = ?, "end" = ? WHERE id = ?"#,
                [.text(outcome), .text(reason), .real(time), .integer(id)])
            try Self.note(connection, id, outcome, reason, time)
            try connection.execute(
                "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?", [.integer(Int64(Self.eventsMax))])
        }
    }

    private static func note(
        _ connection: borrowing Connection, _ update: Int64, _ phase: String, _ text: String, _ time: Double
    ) throws(Connection.Refusal) {
        try connection.execute(
            "INSERT INTO events (update_id, time, phase, text) VALUES (?, ?, ?, ?)",
            [.integer(update), .real(time), .text(phase), .text(text)])
    }

    /// The update that was under way when the agent ended; nil: none was.
    package func unfinished() throws(Fault) -> UpdateRecord? { try lastUpdate("WHERE outcome IS NULL") }

    /// The latest update, ended or not.
    package func lastUpdate() throws(Fault) -> UpdateRecord? { try lastUpdate("") }

    private func lastUpdate(_ condition: String) throws(Fault) -> UpdateRecord? {
        try read(
            "SELECT \(UpdateRecord.columns) FROM updates \(condition) ORDER BY id DESC LIMIT 1", [],
            UpdateRecord.init(row:)
        ).first
    }

    /// Steps of update `id`, in order.
    package func events(of id: Int64) throws(Fault) -> [EventRecord] {
        try read(
            "SELECT \(EventRecord.columns) FROM events WHERE update_id = ? ORDER BY id", [.integer(id)],
            EventRecord.init(row:))
    }

    // MARK: Instances

    /// Writes an instance down, or its change.
    package func save(_ instance: InstanceRecord) throws(Fault) {
        try write(
            "INSERT OR REPLACE INTO instances (\(InstanceRecord.columns)) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(instance.name), .text(instance.reference), .text(instance.manifest.text),
                .text(instance.config.text), .text(instance.role), .init(instance.container),
            ])
    }

    package func setRole(_ role: FlightRole, of name: String) throws(Fault) {
        try write("UPDATE instances SET role = ? WHERE name = ?", [.text(role.rawValue), .text(name)])
    }

    package func forget(instance name: String) throws(Fault) {
        try write("DELETE FROM instances WHERE name = ?", [.text(name)])
    }

    package func instance(_ name: String) throws(Fault) -> InstanceRecord? {
        try read(
            "SELECT \(InstanceRecord.columns) FROM instances WHERE name = ?", [.text(name)], InstanceRecord.init(row:)
        ).first
    }

    package func instances() throws(Fault) -> [InstanceRecord] {
        try read("SELECT \(InstanceRecord.columns) FROM instances ORDER BY name", [], InstanceRecord.init(row:))
    }
}
