import Airframe
import CBoard
import CContract
import Simulator
import Testing

/// The bridge as its driver sees it: reports in, reports out, the world's chips behind.
@Suite struct CP2112Tests {
    private typealias Report = CP2112.Report
    private static let imu: UInt8 = 0x68
    private let world = World(parameters: WorldParameters(), seed: 1, start: 0)

    /// Offsets 0 to 3, all but the LED active low.
    private func chip() -> CP2112 {
        var board = da_board()
        board.bus_speed = 400_000
        board.line.0 = Self.line(0, isActiveLow: true)
        board.line.1 = Self.line(1, isActiveLow: true)
        board.line.2 = Self.line(2, isActiveLow: true)
        board.line.3 = Self.line(3, isActiveLow: false)
        return CP2112(board)
    }

    private static func line(_ offset: Int32, isActiveLow: Bool) -> da_board_line {
        var line = da_board_line()
        line.offset = offset
        line.active_low = isActiveLow ? 1 : 0
        return line
    }

    private func serve(_ request: da_bridge_request) -> da_bridge_reply {
        let master = Master(world)
        var reply = da_bridge_reply()
        if UInt32(request.kind) == DA_BRIDGE_READ.rawValue {
            switch master.read(request.address, request.reg, Int(request.count)) {
            case .success(let bytes): withUnsafeMutableBytes(of: &reply.bytes) { $0.copyBytes(from: bytes) }
            case .failure(let fault): reply.result = fault.code
            }
        } else {
            let bytes = withUnsafeBytes(of: request.bytes) { Array($0.prefix(Int(request.count))) }
            reply.result = master.write(request.address, request.reg, bytes)
        }
        return reply
    }

    @Test func aReadIsAskedForThenItsStatusThenItsBytes() throws {
        var chip = chip()
        // MPU-6050 register map, WHO_AM_I, 0x75: 0x68.
        #expect(chip.take([Report.writeRead, Self.imu << 1, 0, 1, 1, 0x75], serve: serve) == nil)
        let status = try #require(chip.take([Report.statusRequest, 1], serve: serve))
        #expect(status.count == 64)
        #expect(status.prefix(7) == [Report.statusResponse, 2, 0, 0, 0, 0, 1])
        let data = try #require(chip.take([Report.readForceSend, 0, 1], serve: serve))
        #expect(data.prefix(4) == [Report.readResponse, 2, 1, 0x68])
    }

    @Test func aWriteReachesTheChip() throws {
        var chip = chip()
        // PWR_MGMT_1, 0x6B: awake, clock of the gyroscope.
        #expect(chip.take([Report.write, Self.imu << 1, 2, 0x6B, 0x01], serve: serve) == nil)
        #expect(try #require(chip.take([Report.statusRequest, 1], serve: serve))[1] == 2)
        #expect(Master(world).byte(Self.imu, 0x6B) == 0x01)
    }

    @Test(
        "What no chip answers, and what is no register transfer of ours, is an error",
        arguments: [
            [Report.writeRead, 0x50 << 1, 0, 1, 1, 0x75], [Report.writeRead, imu << 1, 0, 33, 1, 0x75],
            [Report.writeRead, imu << 1, 0, 0, 1, 0x75], [Report.read, imu << 1, 0, 1],
            [Report.write, imu << 1, 1, 0x6B],
            [Report.write, imu << 1, 40, 0x6B, 1], [Report.write, 0x50 << 1, 2, 0, 0], [Report.writeRead, imu << 1],
        ] as [[UInt8]])
    func refused(report: [UInt8]) throws {
        var chip = chip()
        #expect(chip.take(report, serve: serve) == nil)
        #expect(try #require(chip.take([Report.statusRequest, 1], serve: serve))[1] == 3)
        // Only once: the next request begins anew.
        #expect(try #require(chip.take([Report.statusRequest, 1], serve: serve))[1] == 0)
        #expect(chip.take([], serve: serve) == nil)
    }

    @Test func inputsShowTheBoardsLinesAndOutputsWhatTheDriverSet() throws {
        var chip = chip()
        var driven: [UInt32: Int32] = [:]
        let arm: (UInt32) -> Int32 = { $0 == DA_LINE_ARM.rawValue ? 1 : 0 }
        // Arm is active, which is low; kill, output-enable are not: high; the LED is off: low.
        #expect(try #require(chip.feature(Report.gpioGet, level: arm))[1] == 0b0110)
        #expect(chip.setFeature([Report.gpioConfiguration, 0b1100, 0xFF, 0, 0]) { driven[$0] = $1 })
        // As outputs both are low until they are set: output-enable is active.
        #expect(driven[DA_LINE_OUTPUT_ENABLE.rawValue] == 1)
        #expect(chip.setFeature([Report.gpioSet, 0b1100, 0b1100]) { driven[$0] = $1 })
        #expect(driven[DA_LINE_OUTPUT_ENABLE.rawValue] == 0)
        #expect(driven[DA_LINE_LED.rawValue] == 1)
        #expect(try #require(chip.feature(Report.gpioGet, level: arm))[1] == 0b1110)
        // An input again: nobody drives it, and the motors are off.
        #expect(chip.setFeature([Report.gpioSet, 0, 0b0100]) { driven[$0] = $1 })
        #expect(driven[DA_LINE_OUTPUT_ENABLE.rawValue] == 1)
        #expect(chip.setFeature([Report.gpioConfiguration, 0b1000, 0xFF, 0, 0]) { driven[$0] = $1 })
        #expect(driven[DA_LINE_OUTPUT_ENABLE.rawValue] == 0)
    }

    @Test func onlyItsOwnFeaturesAreKnown() {
        var chip = chip()
        #expect(chip.feature(Report.version) { _ in 0 }?.count == 3)
        #expect(chip.feature(Report.busConfiguration) { _ in 0 }?.count == 14)
        #expect(chip.feature(0x20) { _ in 0 } == nil)
        #expect(!chip.setFeature([0x20, 0, 0]) { _, _ in })
        #expect(!chip.setFeature([Report.gpioSet]) { _, _ in })
    }
}
