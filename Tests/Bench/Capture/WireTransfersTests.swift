import Bench
import Testing

@Suite struct WireTransfersTests {
    /// Half bits of 1000 ns: clock and data.
    private func transfers(_ steps: [(Bool, Bool)]) -> [WireTransfers.Transfer] {
        var wires = WireTransfers()
        return steps.enumerated().compactMap { index, step in
            wires.take(UInt64(index) * 1000, clock: step.0, data: step.1)
        }
    }
    private func bits(_ byte: UInt8, isTaken: Bool) -> [(Bool, Bool)] {
        let levels = (0..<8).reversed().map { byte >> UInt8($0) & 1 == 1 } + [!isTaken]
        return levels.flatMap { [(false, $0), (true, $0), (false, $0)] }
    }
    private let start = [(true, true), (true, false), (false, false)]
    private let stop = [(false, false), (true, false), (true, true)]

    @Test func aWriteIsRead() {
        let steps = start + bits(0x82, isTaken: true) + bits(0x06, isTaken: true) + bits(0xA5, isTaken: true) + stop
        let found = transfers(steps)
        #expect(found.count == 1)
        #expect(found.first?.address == 0x41 && found.first?.isRead == false && found.first?.bytes == [0x06, 0xA5])
        #expect(found.first?.refusedAt == nil && found.first?.start == 1000)
    }

    @Test func aRepeatedStartEndsTheWrite() {
        let read = start + bits(0x83, isTaken: true) + bits(0x11, isTaken: false) + stop
        let found = transfers(start + bits(0x82, isTaken: true) + bits(0x00, isTaken: true) + [(false, true)] + read)
        #expect(found.map(\.isRead) == [false, true])
        #expect(found.last?.bytes == [0x11] && found.last?.refusedAt == nil, "the master ends a read so")
    }

    @Test func whatIsNotAcknowledgedIsNamed() {
        #expect(transfers(start + bits(0x82, isTaken: false) + stop).first?.refusedAt == -1)
        let second = start + bits(0x82, isTaken: true) + bits(0x06, isTaken: true) + bits(0x01, isTaken: false) + stop
        #expect(transfers(second).first?.refusedAt == 1)
    }

    /// As far as a capture tells, both lines may change at once: data, and no STOP.
    @Test func bothLinesAtOnceAreData() {
        let levels = (0..<8).reversed().map { UInt8(0x55) >> UInt8($0) & 1 == 1 } + [false]
        let steps =
            start + levels.flatMap { [(true, $0), (false, !$0)] } + [(false, false), (true, false), (true, true)]
        let found = transfers(steps)
        #expect(found.count == 1 && found.first?.address == 0x2A && found.first?.isRead == true)
    }

    @Test func brokenOffInItsAddressItIsNone() {
        #expect(transfers(start + Array(bits(0x82, isTaken: true).prefix(9)) + stop).isEmpty)
    }
}
