import CContract
import Contract
import FlightCore
import Foundation

/// A log as the core's own recorder writes it, of ticks that a test makes up.
final class Recorded {
    let path = "\(FileManager.default.temporaryDirectory.path)/da-\(UUID().uuidString).ulg"
    let names = InstanceNames()
    private let ring = Ring(capacity: 2048, filler: TickRecord(sample: da_sample()))
    private let recorder: Recorder

    init(_ board: da_board = da_board()) throws {
        recorder = try Recorder(ring, at: FlightRecords(path), board: board, names: names)
        names[0] = "v1"
        names[1] = "v2"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// One tick at 500 Hz; on the ground without an `origin`.
    func tick(
        _ number: UInt64, slot: Int8 = 0, epoch: UInt64 = 1, origin: Arbiter.Origin = .fresh, result: Int32 = 0,
        cause: SwitchCause = .none
    ) {
        var sample = da_sample()
        sample.tick = number
        sample.scheduled_ns = number * 2_000_000
        sample.owner_epoch = epoch
        sample.mode = origin == .nobody ? FlightMode.disarmed.rawValue : FlightMode.fly.rawValue
        var record = TickRecord(sample: sample)
        record.written = sample.scheduled_ns + 700_000
        (record.owner, record.origin, record.writeResult, record.cause) = (slot, origin, result, cause)
        take(record)
    }

    func take(_ record: TickRecord) {
        if ring.count == ring.capacity { recorder.drain() }
        precondition(ring.push(record), "a drained ring has room")
    }

    func bytes() throws -> [UInt8] {
        recorder.drain()
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
    }
}
