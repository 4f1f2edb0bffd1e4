internal import Airframe

/// Makes inputs that are nearly valid out of valid ones: what a decoder meets when a sender is broken or hostile. Pure.
package struct Mutation {
    /// Changes of one input.
    private static let changesMax = 4
    /// Bytes that an input may grow by at once.
    private static let growthMax = 64
    /// Where numbers turn over: zero, one, all bits, the sign bit; as a float also infinities, not a number, -0, the
    /// smallest, and one beyond the range of a command.
    private static let extremes: [UInt32] = [
        0, 1, 0xFFFF_FFFF, 0x8000_0000, 0x7FFF_FFFF, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x0000_0001, 0x3F80_0001,
        0xBF80_0000, 0x0000_FFFF, 0x0001_0000,
    ]

    private var random: RandomSource

    package init(seed: UInt64) { random = RandomSource(seed: seed) }

    /// Uniform in `0..<count`.
    package mutating func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    /// `bytes` with one to four changes; `other` is a valid input from which a part may come.
    package mutating func change(_ bytes: [UInt8], with other: [UInt8]) -> [UInt8] {
        var result = bytes
        for _ in 0...pick(Self.changesMax) { changeOnce(&result, other) }
        return result
    }

    private mutating func changeOnce(_ bytes: inout [UInt8], _ other: [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = Array(other.prefix(pick(other.count + 1)))
            return
        }
        let at = pick(bytes.count)
        switch pick(8) {
        case 0: bytes[at] ^= 1 << UInt8(pick(8))
        case 1: bytes[at] = UInt8(truncatingIfNeeded: random.next())
        case 2, 3: put(Self.extremes[pick(Self.extremes.count)], into: &bytes, at: at / 4 * 4)
        case 4: bytes.removeLast(pick(bytes.count) + 1)
        case 5: bytes += (0...pick(Self.growthMax)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        case 6: bytes = Array(bytes[..<at]) + other.suffix(pick(other.count + 1))
        default:
            // A part doubled, or taken out.
            let end = at + pick(bytes.count - at) + 1
            if pick(2) == 0 {
                bytes.insert(contentsOf: bytes[at..<end], at: at)
            } else {
                bytes.removeSubrange(at..<end)
            }
        }
    }

    private func put(_ word: UInt32, into bytes: inout [UInt8], at place: Int) {
        for offset in 0..<4 where place + offset < bytes.count {
            bytes[place + offset] = UInt8(truncatingIfNeeded: word >> UInt32(8 * offset))
        }
    }
}
