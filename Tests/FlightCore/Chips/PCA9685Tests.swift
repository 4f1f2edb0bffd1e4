import CBoard
import Contract
import FlightCore
import Simulator
import Testing

@Suite struct PCA9685Tests {
    private static func encoding(
        rate: Float = 1526, pulse: (Float, Float) = (125e-6, 250e-6),
        channels: (UInt8, UInt8, UInt8, UInt8) = (0, 1, 2, 3)
    ) -> PCA9685.Encoding {
        PCA9685.Encoding(oscillator: 25e6, rate: rate, pulse: (pulse.0, pulse.1), channels: channels)
    }

    @Test func thePrescalerIsTheNearest() {
        #expect(Self.encoding().prescale == 3)
        #expect(Self.encoding(rate: 50).prescale == 121)
        #expect(Self.encoding(rate: 200).prescale == 30)  // the chip's own value at reset
        #expect(Self.encoding(rate: 1e9).prescale == 3)
        #expect(Self.encoding(rate: 0).prescale == 253)
    }

    @Test func countsFollowTheCommand() {
        let encoding = Self.encoding()
        // 6.25 counts a microsecond: 781.25 and 1562.5.
        #expect(encoding.count(0) == 781 && encoding.count(1) == 1563)
        #expect(encoding.count(0.5) == 1172)
        #expect(encoding.count(-3) == 781 && encoding.count(7) == 1563)
        var last: UInt16 = 0
        for step in 0...1000 {
            let count = encoding.count(Float(step) / 1000)
            #expect(count >= last)
            last = count
        }
    }

    @Test func channelsComeInAnyOrder() {
        let bytes = Self.encoding(channels: (7, 4, 6, 5)).encode([0, 1, 0.5, 0.25])
        func count(_ channel: Int) -> UInt16 { UInt16(bytes[channel * 4 + 2]) | UInt16(bytes[channel * 4 + 3]) << 8 }
        #expect(Self.encoding(channels: (7, 4, 6, 5)).firstChannel == 4)
        #expect(count(3) == 781 && count(0) == 1563 && count(2) == 1172 && count(1) == 977)
        for channel in 0..<4 { #expect(bytes[channel * 4] == 0 && bytes[channel * 4 + 1] == 0) }
    }

    @Test func noNumberTraps() {
        let wild: [Float] = [
            .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 0,
            -0.0, 1, 0.5, -1, 1e-30, 1e30, 25e6, 4096,
        ]
        for oscillator in wild {
            for rate in wild {
                for low in wild {
                    for high in wild {
                        let encoding = PCA9685.Encoding(
                            oscillator: oscillator, rate: rate, pulse: (low, high), channels: (255, 0, 17, 13))
                        #expect(encoding.prescale >= 3)
                        for value in wild {
                            let bytes = encoding.encode([value, value, 0, 1])
                            for motor in 0..<4 { #expect(bytes[motor * 4 + 3] < 16) }
                        }
                    }
                }
            }
        }
    }

    @Test func setUpThenPulses() {
        let rig = ChipRig()
        var chip = PCA9685(address: 0x41, encoding: Self.encoding())
        #expect(rig.bringUp({ chip.bringUp(rig.bus, now: rig.world.now) }, until: { chip.isReady }) != nil)
        #expect(rig.register(0x41, 0xFE) == 3 && rig.register(0x41, 0x00) == 0x20)
        #expect(chip.write(rig.bus, [0, 0.25, 0.5, 1]) == 0)
        for (channel, pulse) in [125e-6, 156.25e-6, 187.5e-6, 250e-6].enumerated() {
            #expect(abs(rig.world.motorChip.width(channel) - pulse) < 0.1e-6)
        }
        let record = rig.world.motorLog.records.last
        #expect(record?.isComplete == true && record?.count == 16 && record?.firstRegister == 6)
    }

    @Test func aChipThatRunsIsTakenAsItIs() {
        let rig = ChipRig()
        var first = PCA9685(address: 0x41, encoding: Self.encoding())
        _ = rig.bringUp({ first.bringUp(rig.bus, now: rig.world.now) }, until: { first.isReady })
        #expect(first.write(rig.bus, [0.6, 0.6, 0.6, 0.6]) == 0)
        let writes = rig.world.motorLog.records.count
        var second = PCA9685(address: 0x41, encoding: Self.encoding())
        second.bringUp(rig.bus, now: rig.world.now)
        #expect(
            second.isReady && rig.world.motorLog.records.count == writes,
            "a core that restarts in the air pauses nothing")
        var other = PCA9685(address: 0x41, encoding: Self.encoding(rate: 200))
        other.bringUp(rig.bus, now: rig.world.now)
        #expect(!other.isReady, "another rate needs the whole set-up")
    }

    @Test func aBrownOutIsNoticedAndRepaired() {
        let rig = ChipRig()
        var chip = PCA9685(address: 0x41, encoding: Self.encoding())
        _ = rig.bringUp({ chip.bringUp(rig.bus, now: rig.world.now) }, until: { chip.isReady })
        #expect(chip.hasLostSetUp(rig.bus) == false)
        rig.world.brownOut(0x41)
        #expect(chip.write(rig.bus, [0.6, 0.6, 0.6, 0.6]) == 0, "it acknowledges in its sleep")
        #expect(chip.hasLostSetUp(rig.bus) == true)
        chip.restart()
        #expect(rig.bringUp({ chip.bringUp(rig.bus, now: rig.world.now) }, until: { chip.isReady }) != nil)
        #expect(chip.hasLostSetUp(rig.bus) == false)
        #expect(PCA9685(address: 0x42, encoding: Self.encoding()).hasLostSetUp(rig.bus) == nil)
    }

    @Test func aNackIsItsErrno() {
        let rig = ChipRig()
        var chip = PCA9685(address: 0x41, encoding: Self.encoding())
        rig.world.faults.add(ChipFault(.nackAddress, .transfer(2), address: 0x41))
        _ = rig.bringUp({ chip.bringUp(rig.bus, now: rig.world.now) }, until: { chip.isReady })
        #expect(chip.isReady && rig.world.faults.injected == 1)
        rig.world.faults.add(ChipFault(.nackByte(5), .time(0), address: 0x41, direction: .write))
        #expect(chip.write(rig.bus, [0, 0, 0, 0]) == -121)  // EREMOTEIO
        #expect(chip.write(rig.bus, [0, 0, 0, 0]) == 0)
    }
}
