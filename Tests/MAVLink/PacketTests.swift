import MAVLink
import Testing

/// Frames as they lie on the wire.
@Suite struct PacketTests {
    static let sender = Sender(system: 1, component: 1)

    private static var heartbeat: Dialect.Heartbeat {
        var message = Dialect.Heartbeat()
        message.type = 2
        message.autopilot = 3
        message.baseMode = 81
        message.customMode = 5
        message.systemStatus = 4
        message.mavlinkVersion = 3
        return message
    }

    @Test("The checksum is the X.25 one of MAVLink") func checksum() {
        // The check value that the catalogue of CRC algorithms gives for CRC-16/MCRF4XX.
        var sum = Checksum()
        sum.add("123456789".utf8)
        #expect(sum.value == 0x6F91)
    }

    @Test("Lengths and CRC_EXTRA of messages that everybody knows") func definitions() {
        #expect(Dialect.Heartbeat.definition.crcExtra == 50 && Dialect.Heartbeat.definition.length == 9)
        #expect(Dialect.Attitude.definition.crcExtra == 39 && Dialect.Attitude.definition.length == 28)
        #expect(Dialect.CommandLong.definition.crcExtra == 152 && Dialect.CommandLong.definition.length == 33)
        #expect(Dialect.ManualControl.definition.crcExtra == 243 && Dialect.ManualControl.definition.base == 11)
        #expect(Dialect.Statustext.definition.crcExtra == 83 && Dialect.Statustext.definition.base == 51)
        for (id, definition) in Dialect.definitions {
            #expect(definition.id == id && definition.base <= definition.length && definition.length <= 255)
        }
    }

    @Test("A frame is read as it was written") func roundTrip() throws {
        let packet = Packet(Self.heartbeat.content, from: Self.sender, sequence: 200)
        let bytes = packet.bytes
        #expect(bytes.prefix(10) == [0xFD, 9, 0, 0, 200, 1, 1, 0, 0, 0] && bytes.count == 21)
        let reading = Packet.read(bytes[...])
        let read = try reading.result.get()
        #expect(read == packet && reading.frame.count == bytes.count)
        #expect(read.content.read(as: Dialect.Heartbeat.self) == Self.heartbeat)
        #expect(read.content.read(as: Dialect.Attitude.self) == nil)
    }

    @Test("Zeros at the end are left away, and are there again") func truncation() throws {
        var message = Dialect.Attitude()
        message.timeBootMs = 7
        message.roll = -1.5
        let bytes = Packet(message.content, from: Self.sender, sequence: 0).bytes
        #expect(bytes[1] == 8)
        let read = try Packet.read(bytes[...]).result.get()
        #expect(read.content.read(as: Dialect.Attitude.self) == message)
        // A message of zeros has one byte.
        let zeros = Packet(Dialect.Attitude().content, from: Self.sender, sequence: 0).bytes
        #expect(zeros[1] == 1)
        let none = try Packet.read(zeros[...]).result.get()
        #expect(none.content.read(as: Dialect.Attitude.self) == Dialect.Attitude())
    }

    @Test("Numbers, signs, arrays and text come back") func fields() throws {
        var battery = Dialect.BatteryStatus()
        battery.temperature = -32768
        battery.voltages = [1, 2, 3, 4, 5, 6, 7, 8, 9, 65535]
        battery.currentConsumed = -2_147_483_648
        battery.batteryRemaining = -1
        battery.faultBitmask = 0x8000_0001
        #expect(Dialect.BatteryStatus(battery.content.payload) == battery)
        var text = Dialect.Statustext()
        text.text = String(repeating: "é", count: 25)
        text.id = 65535
        text.chunkSeq = 3
        #expect(Dialect.Statustext(text.content.payload) == text)
        var version = Dialect.AutopilotVersion()
        version.capabilities = .max
        #expect(Dialect.AutopilotVersion(version.content.payload) == version)
    }

    @Test("Two frames in one datagram are two messages") func two() throws {
        let first = Packet(Self.heartbeat.content, from: Self.sender, sequence: 1).bytes
        let second = Packet(Dialect.Attitude().content, from: Self.sender, sequence: 2).bytes
        let both = first + second
        let reading = Packet.read(both[...])
        let next = try Packet.read(both[reading.frame.endIndex...]).result.get()
        #expect(next.sequence == 2)
    }

    @Test("What is none is told apart, and how much of it to leave") func faults() {
        let good = Packet(Self.heartbeat.content, from: Self.sender, sequence: 1).bytes
        func fault(_ bytes: [UInt8]) -> PacketFault? {
            if case .failure(let fault) = Packet.read(bytes[...]).result { return fault }
            return nil
        }
        #expect(fault([]) == .mark && fault([0x55, 1, 2]) == .mark && fault([0xFE, 9, 0, 1, 1, 0]) == .version1)
        for count in 1..<good.count { #expect(fault(Array(good.prefix(count))) == .short) }
        for index in 4..<good.count where !(7...9).contains(index) {
            var bad = good
            bad[index] ^= 0x10
            #expect(fault(bad) == .checksum, "byte \(index)")
        }
        var flags = good
        flags[2] = 2
        #expect(fault(flags) == .flags)
        var unknown = good
        unknown[8] = 0x7F
        #expect(fault(unknown) == .unknown && Packet.read(unknown[...]).frame.count == good.count)
    }

    @Test("Any bytes are read to their end, each in a bounded number of steps") func fuzz() {
        var random = SplitMix(state: 1)
        for round in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...600, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if round % 2 == 0, !bytes.isEmpty { bytes[0] = Packet.mark }
            if round % 4 == 0 {
                bytes = Packet(Self.heartbeat.content, from: Self.sender, sequence: 0).bytes + bytes
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            var rest = bytes[...]
            var steps = 0
            while !rest.isEmpty {
                rest = rest.dropFirst(Packet.read(rest).frame.count)
                steps += 1
            }
            #expect(steps <= 1 + bytes.count / 12)
        }
    }
}

/// A generator that the seed repeats.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
