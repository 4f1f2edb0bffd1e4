internal import Foundation
internal import GRDB

/// What a board boots, and what it can go back to: images whose probation is over, or that were started on the ground.
extension Journal {
    /// Committed images kept; the engine keeps the newest two.
    private static let committedMax = 10

    static func createCommitted(_ database: Database) throws {
        try database.create(table: "committed") { table in
            table.autoIncrementedPrimaryKey("id")
            table.column("image", .text).notNull()
            table.column("time", .double).notNull()
        }
    }

    /// The committed image, and the one before it, as far as there are any.
    package func committed() throws(Fault) -> (current: ResolvedImage?, previous: ResolvedImage?) {
        let rows = try read { database in
            try String.fetchAll(database, sql: "SELECT image FROM committed ORDER BY id DESC LIMIT 2")
        }
        let images = rows.compactMap { try? JSONDecoder().decode(ResolvedImage.self, from: Data($0.utf8)) }
        return (images.first, images.dropFirst().first)
    }

    /// Writes down that `image` is committed; the one that is already is not written twice.
    package func commit(_ image: ResolvedImage, time: Double) throws(Fault) {
        try write { database in try Self.commit(image, time, database) }
    }

    static func commit(_ image: ResolvedImage, _ time: Double, _ database: Database) throws {
        let last = try String.fetchOne(database, sql: "SELECT image FROM committed ORDER BY id DESC LIMIT 1")
        let former = last.flatMap { try? JSONDecoder().decode(ResolvedImage.self, from: Data($0.utf8)) }
        guard former?.manifest != image.manifest else { return }
        let text = String(decoding: jsonLine(image), as: UTF8.self)
        try database.execute(sql: "INSERT INTO committed (image, time) VALUES (?, ?)", arguments: [text, time])
        try database.execute(
            sql: "DELETE FROM committed WHERE id <= (SELECT max(id) FROM committed) - ?",
            arguments: [committedMax])
    }

    /// What updates were resolved to, the newest first, each image once: what the agent has pulled.
    package func resolved(most: Int) throws(Fault) -> [ResolvedImage] {
        let rows = try read { database in
            try String.fetchAll(
                database,
                sql: "SELECT image FROM updates WHERE image IS NOT NULL GROUP BY image ORDER BY max(id) DESC LIMIT ?",
                arguments: [most])
        }
        return rows.compactMap { try? JSONDecoder().decode(ResolvedImage.self, from: Data($0.utf8)) }
    }
}
