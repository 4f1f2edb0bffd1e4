package import CContract
package import Contract
package import FlightKit
internal import FlightV1
internal import Glibc

/// Version 1 with a map whose every word may decide the next command: a block that is lost, late or of another tick shows
/// in the bits of some command soon after. For the bench.
///
/// In each tick it adds to a few neighbouring words and to one anywhere, then reads some from anywhere.
package struct MapController: Controller {
    package static let name = "map"
    package static let version = "1"
    package static let warmUpMilliseconds: UInt32 = CascadeController.warmUpMilliseconds

    /// How far it walks over the map. Four-byte fields.
    package struct Walk: ChannelLayout {
        /// Of a generator of pseudo-random places.
        var random: UInt32 = 1
        var at: UInt32 = 0
        /// Blocks that have got their first content.
        var filled: UInt32 = 0
        package var isSane: Bool { true }
    }

    package static var channels: [Channel<MapController>] {
        CascadeController.channels.map { $0.within(\.cascade) } + [
            Channel("map.walk", \.walk, schema: 1, kind: .replicate)
        ]
    }

    /// Size of the map in a process of its own, bytes.
    package static let bytesVariable = "FLIGHT_MAP_BYTES"

    package static var blockChannels: [BlockChannel] {
        [channel(bytes: getenv(bytesVariable).flatMap { Int(String(cString: $0)) } ?? BlockPiece.blockBytes)]
    }

    package static func channel(bytes: Int) -> BlockChannel { BlockChannel("map.cells", schema: 1, bytes: bytes) }

    /// Blocks that it fills in a tick at the start: 64 MiB in two seconds.
    private static let fill: UInt32 = 64
    private static let blockWords: UInt32 = 256
    /// Words next to one another that it adds to; words that it reads.
    private static let near: UInt32 = 8
    private static let reads = 16
    /// What a word of the map, 0.5 at most, adds to a command: noise that a flight does not feel. Also on the ground, where
    /// the core applies nothing: else all that was compared there would be zeros.
    private static let say: Float = 1 / 1024
    /// A climb (m/s) asked for above this makes it change `stormBlocks` blocks in a tick.
    package static let storm: Float = 5
    private static let stormBlocks = 100

    private var cascade: CascadeController
    private var walk = Walk()

    package init(vehicle: da_vehicle, tickRate: Int) {
        cascade = CascadeController(vehicle: vehicle, tickRate: tickRate)
    }

    package mutating func step(_ sample: da_sample, _ moment: Moment) -> Motors {
        var motors = cascade.step(sample, moment)
        let map = moment.blocks[0]
        let words = UInt32(map.count)
        guard words > 0 else { return motors }
        begin(map, words)
        let news = sample.gyro.0 + 0.5 * sample.gyro.1 + 0.25 * sample.gyro.2
        walk.at = (walk.at &+ 1) % words
        for step in 0..<Self.near { add(news, map, (walk.at &+ step) % words) }
        for _ in 0..<(sample.setpoint.climb > Self.storm ? Self.stormBlocks : 1) { add(news, map, next() % words) }
        var says = Motors(repeating: 0)
        for read in 0..<Self.reads { says[read % 4] += map[Int(next() % words)] }
        for motor in 0..<4 { motors[motor] = clamp(motors[motor] + Self.say * says[motor], 0, 1) }
        return motors
    }

    private mutating func begin(_ map: Blocks, _ words: UInt32) {
        let blocks = words / Self.blockWords
        for _ in 0..<Self.fill where walk.filled < blocks {
            for word in 0..<Self.blockWords {
                let index = walk.filled * Self.blockWords + word
                map[Int(index)] = Float((index &* 2_654_435_761) >> 8) / 16_777_216 - 0.5
            }
            walk.filled &+= 1
        }
    }

    private func add(_ news: Float, _ map: Blocks, _ word: UInt32) {
        map[Int(word)] = 0.875 * map[Int(word)] + 0.125 * clamp(news, -1, 1)
    }

    private mutating func next() -> UInt32 {
        walk.random = walk.random &* 1_664_525 &+ 1_013_904_223
        return walk.random >> 3
    }

    /// Whether all of the map has got its content.
    package func isFilled(bytes: Int) -> Bool { Int(walk.filled) * BlockPiece.blockBytes >= bytes }
}
