package import CContract
package import FlightCore

/// The shipped recorder beside a virtual flight, without its thread. For one flight.
package final class VirtualLog: @unchecked Sendable {
    let names: InstanceNames
    private let ring = Ring(capacity: 2048, filler: TickRecord(sample: da_sample()))
    private let recorder: Recorder

    /// - Parameters:
    ///   - path: a file, or a folder for a file from shortly before arming on, as a service has it.
    ///   - board: of the flight.
    /// - Throws: `CoreFault` when it cannot be made.
    package init(_ path: String, _ board: da_board) throws(CoreFault) {
        names = InstanceNames()
        recorder = try Recorder(ring, at: FlightRecords(path), board: board, names: names)
    }

    func take(_ record: TickRecord) {
        while !ring.push(record) { recorder.drain() }
    }

    func finish() { recorder.drain() }
}
