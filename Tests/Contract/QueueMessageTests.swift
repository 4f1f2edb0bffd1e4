import CContract
import Contract
import Testing

@Suite struct QueueMessageTests {
    private static let messages: [QueueMessage] = [
        .introduce(name: "v1", version: "1.0.0"), .offer([]),
        .offer([
            ChannelOffer(name: "estimator", schema: 2, kind: .replicate, bytes: 100, rate: 50),
            ChannelOffer(name: "datum", schema: 1, kind: .seed, bytes: 0, rate: 0),
            ChannelOffer(
                name: "map", schema: 1, kind: .replicate, bytes: 64 << 20, rate: 50, form: .blocks, pace: 1 << 20),
        ]),
        .need([
            ChannelNeed(name: "estimator", schemas: 1...2, kind: .replicate, required: true, settleMilliseconds: 500),
            ChannelNeed(name: "bias", schemas: 0...65535, kind: .observe, required: false, settleMilliseconds: .max),
            ChannelNeed(
                name: "map", schemas: 1...1, kind: .replicate, required: true, settleMilliseconds: 0, form: .blocks,
                bytes: 1024),
        ]),
        .stream(interval: 10, window: 5), .cut(StateCut(tick: 77, channels: [])),
        .cut(
            StateCut(
                tick: .max,
                channels: (0..<16).map {
                    ChannelState(
                        name: "channel\($0)", schema: UInt16($0), bytes: [UInt8](repeating: UInt8($0), count: $0))
                })),
        .acknowledge(tick: 42), .ready(tick: 43), .retire, .taken(piece: 7), .blocks(BlockPiece(number: 1, runs: [])),
        .blocks(
            BlockPiece(
                number: 2,
                runs: [
                    BlockPiece.Run(channel: "map", first: 9, bytes: [UInt8](repeating: 3, count: 2048)),
                    BlockPiece.Run(channel: "filters", first: 0, bytes: [UInt8](repeating: 4, count: 1024)),
                ])),
    ]

    private func fault(_ bytes: [UInt8]) -> FrameFault? {
        do {
            _ = try QueueMessage.decode(bytes)
            return nil
        } catch { return error }
    }

    /// With its checksum made right, as a sender with wrong counts would have it.
    private func signed(_ bytes: [UInt8]) -> [UInt8] {
        var signed = bytes
        let size = UInt32(bytes.count)
        let crc = bytes.dropFirst(32).withUnsafeBytes { body in
            body.baseAddress.map { da_crc32c($0, UInt64(body.count)) } ?? 0
        }
        for index in 0..<4 {
            signed[4 + index] = UInt8(truncatingIfNeeded: size >> (8 * UInt32(index)))
            signed[28 + index] = UInt8(truncatingIfNeeded: crc >> (8 * UInt32(index)))
        }
        return signed
    }

    @Test(arguments: messages) func thereAndBack(message: QueueMessage) throws {
        let bytes = message.encoded(sequence: 9)
        #expect(bytes.count % 8 == 0)
        let (decoded, sequence) = try QueueMessage.decode(bytes)
        #expect(decoded == message && sequence == 9)
        #expect(signed(bytes) == bytes)
    }

    /// Any cut, bit flip or addition is noticed.
    @Test(arguments: messages) func damageIsNoticed(message: QueueMessage) {
        let good = message.encoded(sequence: 1)
        for count in 0..<good.count { #expect(fault(Array(good.prefix(count))) != nil) }
        #expect(fault(good + [0]) != nil)
        for index in 32..<max(32, good.count) {
            var bytes = good
            bytes[index] ^= 0x10
            #expect(fault(bytes) == .checksum)
        }
    }

    @Test func eachFaultByItself() {
        let good = QueueMessage.stream(interval: 1, window: 1).encoded(sequence: 1)
        func changed(_ index: Int, _ value: UInt8) -> [UInt8] {
            var bytes = good
            bytes[index] = value
            return bytes
        }
        #expect(fault([]) == .short(bytes: 0, needed: 32))
        #expect(fault(changed(0, 0)) == .magic(0xDA00))
        #expect(fault(changed(2, 9)) == .version(9))
        #expect(fault(changed(3, 4)) == .kind(4, expected: .introduce), "a sample is no message of the queue")
        #expect(fault(changed(3, 99)) == .kind(99, expected: .introduce))
        #expect(fault(changed(4, 41)) == .size(declared: 41, arrived: 40))
        #expect(fault(changed(24, 17)) == .count(17, limit: 16))
    }

    @Test func entriesThatLie() {
        var offer = QueueMessage.offer([ChannelOffer(name: "a", schema: 1, kind: .seed, bytes: 8, rate: 0)]).encoded(
            sequence: 1)
        offer[32 + 34] = 7
        #expect(fault(signed(offer))?.description.contains("kind 7") == true)
        offer[32 + 34] = 0
        (offer[32 + 38], offer[32 + 39]) = (2, 0)
        #expect(fault(signed(offer))?.description.contains("one cut carries 65536") == true)
        var need = QueueMessage.need([
            ChannelNeed(name: "b", schemas: 1...2, kind: .seed, required: true, settleMilliseconds: 0)
        ]).encoded(sequence: 1)
        need[32 + 32] = 3
        #expect(fault(signed(need))?.description.contains("turn them around") == true)
        var cut = QueueMessage.cut(
            StateCut(tick: 1, channels: [ChannelState(name: "c", schema: 1, bytes: [1, 2, 3])])
        ).encoded(sequence: 1)
        cut[32 + 36] = 200
        #expect(fault(signed(cut))?.description.contains("ends inside an entry") == true)
        (cut[32 + 36], cut[32 + 39]) = (3, 0xFF)
        #expect(fault(signed(cut))?.description.contains("ends inside an entry") == true)
        cut[32 + 39] = 0
        cut[24] = 0
        #expect(fault(signed(cut))?.description.contains("its count is wrong") == true)
        cut[24] = 2
        #expect(fault(signed(cut)) != nil)
    }

    @Test func blocksThatLie() {
        func piece(_ runs: Int, blocks: Int) -> [UInt8] {
            let run = BlockPiece.Run(channel: "m", first: 0, bytes: [UInt8](repeating: 1, count: blocks * 1024))
            return QueueMessage.blocks(BlockPiece(number: 1, runs: [BlockPiece.Run](repeating: run, count: runs)))
                .encoded(sequence: 1)
        }
        #expect(fault(piece(1, blocks: 32)) == nil)
        #expect(fault(piece(1, blocks: 33))?.description.contains("more than 32 blocks") == true)
        #expect(fault(piece(16, blocks: 2)) == nil)
        #expect(fault(piece(17, blocks: 1)) == .count(17, limit: 16))
        var short = piece(1, blocks: 2)
        short[32 + 36] = 3
        #expect(fault(signed(short))?.description.contains("ends inside an entry") == true)
        func offer(_ bytes: UInt32, form: UInt8) -> FrameFault? {
            var frame = QueueMessage.offer([
                ChannelOffer(name: "m", schema: 1, kind: .replicate, bytes: bytes, rate: 0)
            ]).encoded(sequence: 1)
            frame[32 + 35] = form
            return fault(signed(frame))
        }
        #expect(offer(64 << 20, form: 1) == nil)
        #expect(offer(64 << 20, form: 0)?.description.contains("goes in blocks") == true)
        #expect(offer(64 << 20 + 1024, form: 1)?.description.contains("at most 67108864") == true)
        #expect(offer(1000, form: 1)?.description.contains("multiple of 1024") == true)
        #expect(offer(1024, form: 2)?.description.contains("form 2") == true)
    }

    /// One message is one buffer: what is longer than a cut may be is refused as a whole.
    @Test func whatIsTooLongIsRefused() throws {
        let most = Int(DA_CUT_BYTES) - 32 - 40
        func cut(_ count: Int) -> [UInt8] {
            QueueMessage.cut(
                StateCut(
                    tick: 1, channels: [ChannelState(name: "c", schema: 1, bytes: [UInt8](repeating: 1, count: count))])
            ).encoded(sequence: 1)
        }
        #expect(fault(cut(most)) == nil)
        #expect(fault(cut(most + 1))?.description.contains("65536") == true)
    }

    @Test func noBytesTrap() {
        var state: UInt64 = 1
        func random() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        var (taken, refused) = (0, 0)
        for round in 0..<60_000 {
            var bytes: [UInt8]
            if round % 3 == 0 {
                bytes = (0..<Int(random() % 200)).map { _ in UInt8(truncatingIfNeeded: random()) }
            } else {
                bytes = Self.messages[Int(random() % UInt64(Self.messages.count))].encoded(sequence: random())
                for _ in 0..<(1 + random() % 4) where !bytes.isEmpty {
                    bytes[Int(random() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random())
                }
                if random() % 2 == 0 { bytes = Array(bytes.prefix(Int(random() % UInt64(bytes.count + 1)))) }
                if bytes.count >= 32, round % 3 == 1 { bytes = signed(bytes) }
            }
            if fault(bytes) == nil { taken += 1 } else { refused += 1 }
        }
        #expect(taken > 1000 && refused > 1000)
    }
}
