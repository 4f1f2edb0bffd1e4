package import Agent

/// What the flight log said last of each value, from one look to the next: it has some more rarely than it is looked at.
///
/// Without a log that is written now, and so on the ground, these values are not known.
package struct NewestRecord {
    private var tail: RecordTail
    package private(set) var values = RecordTail.Values()

    /// `path`: as `RecordTail` takes it.
    package init(path: String) { tail = RecordTail(path: path) }

    /// Takes in what has come since the last look.
    ///
    /// - Returns: that alone; nil: nothing has.
    /// - Throws: `Fault` when there is no record to read.
    @discardableResult
    package mutating func look() throws(Fault) -> RecordTail.Values? {
        do throws(Fault) {
            let new = try tail.look()
            values = new.map(merged) ?? RecordTail.Values()
            return new
        } catch {
            values = RecordTail.Values()
            throw error
        }
    }

    package mutating func close() { tail.close() }

    /// A gap is of one look alone.
    private func merged(_ new: RecordTail.Values) -> RecordTail.Values {
        var all = new
        all.roll = new.roll ?? values.roll
        all.pitch = new.pitch ?? values.pitch
        all.yaw = new.yaw ?? values.yaw
        all.rates = new.rates ?? values.rates
        all.motors = new.motors ?? values.motors
        all.current = new.current ?? values.current
        return all
    }
}
