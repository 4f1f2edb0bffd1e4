import CContract
import Contract
import FlightKit
import Foundation
import Testing

@Suite("The wire contract's page shows what the encoders make")
struct WireContractPageTests {
    private let page: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        page = try String(contentsOf: root.appending(path: "Sources/Manual/wire-contract.md"), encoding: .utf8)
    }

    @Test("Each frame of the worked exchange stands in it, byte for byte", arguments: WorkedExchange.frames.map(\.name))
    func frame(name: String) throws {
        let frame = try #require(WorkedExchange.frames.first { $0.name == name })
        let dump = hexDump(frame.bytes)
        #expect(page.contains("\n```text\n\(dump)```\n"), "\(name):\n\(dump)")
    }

    @Test("Each layout's table ends at the struct's size", arguments: WorkedExchange.sizes.map(\.name))
    func size(name: String) throws {
        let size = try #require(WorkedExchange.sizes.first { $0.name == name })
        #expect(page.contains("`\(size.name)`, \(size.bytes) bytes"), "\(size.name) has \(size.bytes) bytes")
    }

    /// Sixteen bytes a line; lines of zeros alone are left out and stand as one `*`.
    private func hexDump(_ bytes: [UInt8]) -> String {
        var text = ""
        var isSkipping = false
        for start in stride(from: 0, to: bytes.count, by: 16) {
            let line = bytes[start..<min(start + 16, bytes.count)]
            if line.allSatisfy({ $0 == 0 }) {
                if !isSkipping { text += "*\n" }
                isSkipping = true
                continue
            }
            isSkipping = false
            let digits = line.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }
            let offset = String(start, radix: 16)
            text +=
                String(repeating: "0", count: 4 - offset.count) + offset + "  " + digits.joined(separator: " ") + "\n"
        }
        return text
    }
}

/// The exchange that the page shows: a container called "mine", on the bench's vehicle at tick 1000.
enum WorkedExchange {
    static let sizes: [(name: String, bytes: Int)] = [
        ("da_header", MemoryLayout<da_header>.size), ("da_hello", MemoryLayout<da_hello>.size),
        ("da_welcome", MemoryLayout<da_welcome>.size), ("da_vehicle", MemoryLayout<da_vehicle>.size),
        ("da_sample", MemoryLayout<da_sample>.size), ("da_setpoint", MemoryLayout<da_setpoint>.size),
        ("da_command", MemoryLayout<da_command>.size), ("da_queue_header", MemoryLayout<da_queue_header>.size),
        ("da_introduction", MemoryLayout<da_introduction>.size),
        ("da_channel_offer", MemoryLayout<da_channel_offer>.size),
        ("da_channel_need", MemoryLayout<da_channel_need>.size), ("da_stream", MemoryLayout<da_stream>.size),
        ("da_channel_state", MemoryLayout<da_channel_state>.size),
        ("da_block_run", MemoryLayout<da_block_run>.size),
        ("da_command_record", MemoryLayout<da_command_record>.size),
    ]

    static let frames: [(name: String, bytes: [UInt8])] = [
        ("hello", hello.bytes), ("welcome", welcome.bytes), ("sample", sample.bytes), ("command", command.bytes),
        ("introduce", QueueMessage.introduce(name: "mine", version: "1.0").encoded(sequence: 1)),
        (
            "offer",
            QueueMessage.offer([ChannelOffer(name: "my.height", schema: 1, kind: .replicate, bytes: 12, rate: 50)])
                .encoded(sequence: 2)
        ),
        (
            "need",
            QueueMessage.need([
                ChannelNeed(
                    name: "my.height", schemas: 1...1, kind: .replicate, required: true, settleMilliseconds: 0)
            ]).encoded(sequence: 3)
        ),
        ("stream", QueueMessage.stream(interval: 10, window: 10).encoded(sequence: 1)),
        ("cut", cut.encoded(sequence: 4)), ("acknowledge", QueueMessage.acknowledge(tick: 1000).encoded(sequence: 4)),
        ("ready", QueueMessage.ready(tick: 1000).encoded(sequence: 5)),
        ("retire", QueueMessage.retire.encoded(sequence: 3)), ("record", record), ("offer in blocks", mapOffer),
        ("need in blocks", mapNeed), ("blocks", blocks), ("cut in blocks", mapCut),
        ("taken", QueueMessage.taken(piece: 1).encoded(sequence: 7)),
    ]

    private static var hello: da_hello {
        var hello = da_hello.make()
        fill(&hello.name, with: "mine")
        fill(&hello.version, with: "1.0")
        return hello
    }

    private static var welcome: da_welcome {
        var welcome = da_welcome.make()
        welcome.tick_rate = 500
        welcome.board_hash = 0x0123_4567_89AB_CDEF
        welcome.vehicle = Plant.vehicle
        return welcome
    }

    private static var sample: da_sample {
        var sample = da_sample.make()
        sample.tick = 1000
        sample.scheduled_ns = 2_000_000_000
        sample.sensed_ns = 2_000_450_000
        sample.owner_epoch = 7
        sample.your_epoch = 7
        sample.gyro = (0.25, -0.125, 0)
        sample.accel = (0, 0, -9.75)
        sample.pressure = 101_325
        sample.temperature = 20
        sample.battery_voltage = 11.5
        sample.battery_current = 8
        sample.applied = (0.625, 0.625, 0.625, 0.625)
        sample.applied_tick = 999
        sample.setpoint.climb = 1
        sample.mode = UInt8(DA_MODE_FLY.rawValue)
        sample.source = UInt8(DA_SOURCE_GROUND.rawValue)
        sample.flags = 3
        return sample
    }

    private static var command: da_command {
        var command = da_command.make()
        command.tick = 1000
        command.sample_ns = 2_000_000_000
        command.epoch = 7
        command.motor = (0.625, 0.625, 0.6875, 0.6875)
        command.free = command.motor
        command.flags = UInt32(DA_COMMAND_SETTLED.rawValue)
        return command
    }

    private static var cut: QueueMessage {
        // Three floats: 1.0, 0.5, -0.25.
        let state: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x3F, 0, 0, 0x80, 0xBE]
        return .cut(StateCut(tick: 1000, channels: [ChannelState(name: "my.height", schema: 1, bytes: state)]))
    }

    private static var mapOffer: [UInt8] {
        QueueMessage.offer([
            ChannelOffer(
                name: "my.map", schema: 1, kind: .replicate, bytes: 4096, rate: 50, form: .blocks, pace: 32 << 20)
        ]).encoded(sequence: 2)
    }

    private static var mapNeed: [UInt8] {
        QueueMessage.need([
            ChannelNeed(
                name: "my.map", schemas: 1...1, kind: .replicate, required: true, settleMilliseconds: 0, form: .blocks,
                bytes: 4096)
        ]).encoded(sequence: 3)
    }

    /// The third block of four, all zeros but for its first word, 1.0.
    private static var blocks: [UInt8] {
        let block: [UInt8] = [0, 0, 0x80, 0x3F] + [UInt8](repeating: 0, count: 1020)
        return QueueMessage.blocks(
            BlockPiece(number: 1, runs: [BlockPiece.Run(channel: "my.map", first: 2, bytes: block)])
        ).encoded(sequence: 4)
    }

    private static var mapCut: [UInt8] {
        QueueMessage.cut(
            StateCut(tick: 1000, channels: [ChannelState(name: "my.map", schema: 1, lastPiece: 1)])
        ).encoded(sequence: 5)
    }

    private static var record: [UInt8] {
        let record = da_command_record(tick: 1000, sample_ns: 2_000_000_000, epoch: 7, motor: command.motor)
        return withUnsafeBytes(of: record) { Array($0) }
    }
}
