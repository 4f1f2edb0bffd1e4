import MAVLink
import Testing

/// Signatures: who has the key is believed, once for each message.
@Suite struct SigningTests {
    private static let key = [UInt8](0..<32)
    private static let now: UInt64 = 40_000_000_000_000

    private static func frame(_ sequence: UInt8 = 0, system: UInt8 = 255) -> Packet {
        var message = Dialect.Heartbeat()
        message.type = Dialect.VehicleType.groundStation
        return Packet(
            message.content, from: Sender(system: system, component: 190), sequence: sequence, isSigned: true)
    }

    private static func check(_ signing: inout Signing, _ bytes: [UInt8], at time: UInt64 = now) -> Signing.Fault? {
        do throws(Signing.Fault) {
            guard let packet = try? Packet.read(bytes[...]).result.get() else { return .unsigned }
            try signing.check(bytes[...], of: packet, at: time)
            return nil
        } catch { return error }
    }

    @Test("A signature is believed by who has the key, and by nobody else") func keys() {
        var station = Signing(key: Self.key)
        let signed = station.sign(Self.frame().bytes, at: Self.now)
        #expect(signed.count == Self.frame().bytes.count + 13)
        var vehicle = Signing(key: Self.key)
        #expect(Self.check(&vehicle, signed) == nil)
        var other = Signing(key: [UInt8](1...32))
        #expect(Self.check(&other, signed) == .wrong)
        for index in signed.indices where index > signed.count - 13 {
            var bad = signed
            bad[index] ^= 1
            var fresh = Signing(key: Self.key)
            #expect(Self.check(&fresh, bad) == .wrong, "byte \(index)")
        }
    }

    @Test("What is not signed is not believed") func unsigned() {
        var packet = Self.frame()
        packet.isSigned = false
        var vehicle = Signing(key: Self.key)
        #expect(Self.check(&vehicle, packet.bytes) == .unsigned)
    }

    @Test("The same message twice, and an older one, are refused") func replay() {
        var station = Signing(key: Self.key)
        let first = station.sign(Self.frame(0).bytes, at: Self.now)
        let second = station.sign(Self.frame(1).bytes, at: Self.now)
        var vehicle = Signing(key: Self.key)
        #expect(Self.check(&vehicle, second) == nil)
        #expect(Self.check(&vehicle, second) == .replayed && Self.check(&vehicle, first) == .replayed)
        // Another sender has time stamps of its own.
        let other = station.sign(Self.frame(2, system: 254).bytes, at: Self.now)
        #expect(Self.check(&vehicle, other) == nil)
    }

    @Test("A sender that is new may be a minute behind, not more") func old() {
        var station = Signing(key: Self.key)
        let within = station.sign(Self.frame().bytes, at: Self.now - Signing.lagMax)
        var vehicle = Signing(key: Self.key)
        #expect(Self.check(&vehicle, within) == nil)
        var late = Signing(key: Self.key)
        let behind = late.sign(Self.frame().bytes, at: Self.now - Signing.lagMax - 1)
        var fresh = Signing(key: Self.key)
        #expect(Self.check(&fresh, behind) == .old)
    }

    @Test("Senders that are remembered are bounded") func crowd() {
        var station = Signing(key: Self.key)
        var vehicle = Signing(key: Self.key)
        for system in 1...UInt8(Signing.streamsMax) {
            let signed = station.sign(Self.frame(0, system: system).bytes, at: Self.now)
            #expect(Self.check(&vehicle, signed) == nil)
        }
        let more = station.sign(Self.frame(0, system: 200).bytes, at: Self.now)
        #expect(Self.check(&vehicle, more) == .crowded)
    }

    @Test("No two messages have one time stamp, and it never goes back") func stamps() {
        var station = Signing(key: Self.key)
        let frames = [Self.now, Self.now, Self.now - 5].map { station.sign(Self.frame().bytes, at: $0) }
        let stamps = frames.map { $0.suffix(12).prefix(6).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        #expect(stamps == [Self.now, Self.now + 1, Self.now + 2])
    }

    @Test("Time stamps count 10 us since 2015") func epoch() {
        #expect(Signing.stamp(seconds: 1_420_070_400, nanoseconds: 0) == 0)
        #expect(Signing.stamp(seconds: 1_420_070_401, nanoseconds: 20_000) == 100_002)
        // A board without a clock of its own begins in 1970.
        #expect(Signing.stamp(seconds: 5, nanoseconds: 0) == 0)
    }

    @Test("A key file has 64 hexadecimal digits") func keyFile() {
        #expect(SigningKey.parse(String(repeating: "0f", count: 32) + "\n") == [UInt8](repeating: 15, count: 32))
        #expect(SigningKey.parse("0f") == nil && SigningKey.parse(String(repeating: "0g", count: 32)) == nil)
    }
}
