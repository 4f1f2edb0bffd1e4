internal import GRDB
package import Handover

/// What the agent must still know after it was killed, in SQLite.
///
/// One connection and one thread; every write is on the disk before the call returns (rollback journal and
/// `synchronous = EXTRA`: the library's usual settings lose commits at a power cut). Look into it with
/// `sqlite3`. Each call throws a `Fault` when SQLite or the disk refuses.
package struct Journal: Sendable {
    private let queue: DatabaseQueue

    /// Events kept; older ones are dropped, so that the file does not grow for ever.
    package static let eventsMax = 10_000

    /// Opens or creates the journal.
    ///
    /// - Throws: `Fault` when it cannot be opened, or when SQLite does not take the settings that make
    ///   commits last.
    package init(path: String) throws(Fault) {
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA journal_mode = DELETE")
                try database.execute(sql: "PRAGMA synchronous = EXTRA")
            }
            queue = try DatabaseQueue(path: path, configuration: configuration)
            let (synchronous, mode) = try queue.inDatabase { database in
                (
                    try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                    try String.fetchOne(database, sql: "PRAGMA journal_mode")
                )
            }
            guard synchronous == 3, mode == "delete" else {
                throw Fault(
                    "The journal \(path) runs with synchronous \(synchronous ?? -1) and journal mode \(mode ?? "none") instead of 3 and delete, commits could vanish at a power cut; use another file system or SQLite."
                )
            }
            try Self.migrator.migrate(queue)
        } catch {
            throw Fault(error, path)
        }
        self.path = path
    }

    package let path: String

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.create(table: "updates") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("reference", .text).notNull()
                table.column("image", .text)
                table.column("owner", .text).notNull()
                table.column("candidate", .text).notNull()
                table.column("phase", .text).notNull()
                table.column("begin", .double).notNull()
                table.column("end", .double)
                table.column("outcome", .text)
                table.column("reason", .text)
            }
            try database.create(table: "events") { table in
                table.autoIncrementedPrimaryKey("id")
                table.column("update_id", .integer).references("updates")
                table.column("time", .double).notNull()
                table.column("phase", .text).notNull()
                table.column("text", .text).notNull()
            }
            try database.create(table: "instances") { table in
                table.primaryKey("name", .text)
                table.column("reference", .text).notNull()
                table.column("manifest", .text).notNull()
                table.column("config", .text).notNull()
                table.column("role", .text).notNull()
                table.column("container", .text)
            }
        }
        migrator.registerMigration("2", migrate: createCommitted)
        return migrator
    }

    func write<Value>(_ body: (Database) throws -> Value) throws(Fault) -> Value {
        do {
            return try queue.write(body)
        } catch {
            throw Fault(error, path)
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(Fault) -> Value {
        do {
            return try queue.read(body)
        } catch {
            throw Fault(error, path)
        }
    }

    // MARK: Updates

    /// Writes the beginning of an update down and gives its number.
    package func begin(_ update: UpdateRecord, time: Double) throws(Fault) -> Int64 {
        try write { database in
            try update.insert(database)
            let id = database.lastInsertedRowID
            try EventRecord(update: id, time: time, phase: update.phase, text: "begin \(update.reference)").insert(
                database)
            return id
        }
    }

    /// Writes down that update `id` has reached `phase`.
    package func advance(_ id: Int64, phase: String, text: String, time: Double) throws(Fault) {
        try write { database in
            try database.execute(sql: "UPDATE updates SET phase = ? WHERE id = ?", arguments: [phase, id])
            try EventRecord(update: id, time: time, phase: phase, text: text).insert(database)
        }
    }

    /// Writes down what the reference of update `id` was resolved to.
    package func resolve(_ id: Int64, image: String) throws(Fault) {
        try write { database in
            try database.execute(sql: "UPDATE updates SET image = ? WHERE id = ?", arguments: [image, id])
        }
    }

    /// Writes the end of update `id` down, and with it what it committed, if it did.
    package func end(
        _ id: Int64, outcome: String, reason: String, time: Double, committed: ResolvedImage? = nil
    ) throws(Fault) {
        try write { database in
            if let committed { try Self.commit(committed, time, database) }
            try database.execute(
                sql: "UPDATE updates SET outcome = ?, reason = ?, \"end\" = ? WHERE id = ?",
                arguments: [outcome, reason, time, id])
            try EventRecord(update: id, time: time, phase: outcome, text: reason).insert(database)
            try database.execute(
                sql: "DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?", arguments: [Self.eventsMax])
        }
    }

    /// The update that was under way when the agent ended; nil: none was.
    package func unfinished() throws(Fault) -> UpdateRecord? {
        try read { database in
            try UpdateRecord.fetchOne(
                database, sql: "SELECT * FROM updates WHERE outcome IS NULL ORDER BY id DESC LIMIT 1")
        }
    }

    /// The latest update, ended or not.
    package func lastUpdate() throws(Fault) -> UpdateRecord? {
        try read { database in
            try UpdateRecord.fetchOne(database, sql: "SELECT * FROM updates ORDER BY id DESC LIMIT 1")
        }
    }

    /// Steps of update `id`, in order.
    package func events(of id: Int64) throws(Fault) -> [EventRecord] {
        try read { database in
            try EventRecord.fetchAll(
                database, sql: "SELECT * FROM events WHERE update_id = ? ORDER BY id", arguments: [id])
        }
    }

    // MARK: Instances

    /// Writes an instance down, or its change.
    package func save(_ instance: InstanceRecord) throws(Fault) {
        try write { database in try instance.save(database) }
    }

    package func setRole(_ role: FlightRole, of name: String) throws(Fault) {
        try write { database in
            try database.execute(sql: "UPDATE instances SET role = ? WHERE name = ?", arguments: [role.rawValue, name])
        }
    }

    package func forget(instance name: String) throws(Fault) {
        try write { database in
            try database.execute(sql: "DELETE FROM instances WHERE name = ?", arguments: [name])
        }
    }

    package func instance(_ name: String) throws(Fault) -> InstanceRecord? {
        try read { database in
            try InstanceRecord.fetchOne(database, sql: "SELECT * FROM instances WHERE name = ?", arguments: [name])
        }
    }

    package func instances() throws(Fault) -> [InstanceRecord] {
        try read { database in try InstanceRecord.fetchAll(database, sql: "SELECT * FROM instances ORDER BY name") }
    }
}

extension Fault {
    fileprivate init(_ error: any Error, _ path: String) {
        if let fault = error as? Fault {
            self = fault
        } else {
            self.init(
                "The journal \(path) fails (\(oneLine("\(error)"))); check the disk, or move the file away to begin a new one."
            )
        }
    }
}
