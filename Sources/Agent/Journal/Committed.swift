/// What a board boots, and what it can go back to: images whose probation is over, or that were started on the ground.
extension Journal {
    /// Committed images kept; the engine keeps the newest two.
    private static let committedMax: Int64 = 10

    private static let newest = "SELECT image FROM committed ORDER BY id DESC LIMIT ?"

    /// The committed image, and the one before it, as far as there are any.
    package func committed() throws(Fault) -> (current: ResolvedImage?, previous: ResolvedImage?) {
        let images = try read(Self.newest, [.integer(2)]) { ResolvedImage(json: $0.text(0)) }.compactMap(\.self)
        return (images.first, images.dropFirst().first)
    }

    /// Writes down that `image` is committed; the one that is already is not written twice.
    package func commit(_ image: ResolvedImage, time: Double) throws(Fault) {
        try write { connection throws(Connection.Refusal) in try Self.commit(image, time, connection) }
    }

    static func commit(
        _ image: ResolvedImage, _ time: Double, _ connection: borrowing Connection
    ) throws(Connection.Refusal) {
        let last = try connection.rows(newest, [.integer(1)]) { ResolvedImage(json: $0.text(0)) }.first ?? nil
        guard last?.manifest != image.manifest else { return }
        let text = String(decoding: jsonLine(image), as: UTF8.self)
        try connection.execute("INSERT INTO committed (image, time) VALUES (?, ?)", [.text(text), .real(time)])
        try connection.execute(
            "DELETE FROM committed WHERE id <= (SELECT max(id) FROM committed) - ?", [.integer(committedMax)])
    }

    /// What updates were resolved to, the newest first, each image once: what the agent has pulled.
    package func resolved(most: Int) throws(Fault) -> [ResolvedImage] {
        try read(
            "SELECT image FROM updates WHERE image IS NOT NULL GROUP BY image ORDER BY max(id) DESC LIMIT ?",
            [.integer(Int64(most))]
        ) { ResolvedImage(json: $0.text(0)) }.compactMap(\.self)
    }
}
