import Airframe
import CBoard
import CContract
import Simulator
import Testing

/// The chip as its driver has it, and the world's chips behind.
private final class Bridge {
    let world = World(parameters: WorldParameters(), seed: 1, start: 0)
    private var chip: CP2112
    /// What lines of the board were driven to.
    private(set) var driven: [UInt32: Int32] = [:]

    /// Offsets 0 to 3, all but the LED active low.
    init() {
        var board = da_board()
        board.bus_speed = 400_000
        func line(_ offset: Int32, isActiveLow: Bool) -> da_board_line {
            var line = da_board_line()
            line.offset = offset
            line.active_low = isActiveLow ? 1 : 0
            return line
        }
        board.line = (
            line(0, isActiveLow: true), line(1, isActiveLow: true), line(2, isActiveLow: true),
            line(3, isActiveLow: false)
        )
        chip = CP2112(board)
    }

    /// The chip's input report, empty if there is none.
    func take(_ report: [UInt8]) -> [UInt8] { chip.take(report, serve: serve) ?? [] }

    /// Status 0 of the last transfer (AN495): 0 idle, 2 complete, 3 an error.
    func status() -> UInt8? {
        let response = take([CP2112.Report.statusRequest, 1])
        return response.count == 64 && response[0] == CP2112.Report.statusResponse ? response[1] : nil
    }

    func set(_ report: [UInt8]) -> Bool { chip.setFeature(report) { driven[$0] = $1 } }

    func feature(_ number: UInt8) -> [UInt8]? {
        chip.feature(number) { $0 == DA_LINE_ARM.rawValue ? 1 : 0 }
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
}

/// The bridge as its driver sees it: reports in, reports out.
@Suite struct CP2112Tests {
    private typealias Report = CP2112.Report
    private static let imu: UInt8 = 0x68
    private let bridge = Bridge()

    @Test func aReadIsAskedForThenItsStatusThenItsBytes() {
        // MPU-6050 register map, WHO_AM_I, 0x75: 0x68.
        #expect(bridge.take([Report.writeRead, Self.imu << 1, 0, 1, 1, 0x75]) == [])
        let status = bridge.take([Report.statusRequest, 1])
        #expect(status.count == 64)
        #expect(status.prefix(7) == [Report.statusResponse, 2, 0, 0, 0, 0, 1])
        #expect(bridge.take([Report.readForceSend, 0, 1]).prefix(4) == [Report.readResponse, 2, 1, 0x68])
    }

    @Test func aWriteReachesTheChip() {
        // PWR_MGMT_1, 0x6B: awake, clock of the gyroscope.
        #expect(bridge.take([Report.write, Self.imu << 1, 2, 0x6B, 0x01]) == [])
        #expect(bridge.status() == 2)
        #expect(Master(bridge.world).byte(Self.imu, 0x6B) == 0x01)
    }

    @Test(
        "What no chip answers, and what is no register transfer of ours, is an error",
        arguments: [
            [Report.writeRead, 0x50 << 1, 0, 1, 1, 0x75], [Report.writeRead, imu << 1, 0, 33, 1, 0x75],
            [Report.writeRead, imu << 1, 0, 0, 1, 0x75], [Report.read, imu << 1, 0, 1],
            [Report.write, imu << 1, 1, 0x6B], [Report.write, imu << 1, 40, 0x6B, 1],
            [Report.write, 0x50 << 1, 2, 0, 0], [Report.writeRead, imu << 1],
        ] as [[UInt8]])
    func refused(report: [UInt8]) {
        #expect(bridge.take(report) == [])
        #expect(bridge.status() == 3)
        // Only once: the next request begins anew.
        #expect(bridge.status() == 0)
        #expect(bridge.take([]) == [])
    }

    @Test func inputsShowTheBoardsLinesAndOutputsWhatTheDriverSet() {
        // Arm is active, which is low; kill, output-enable are not: high; the LED is off: low.
        #expect(bridge.feature(Report.gpioGet)?[1] == 0b0110)
        #expect(bridge.set([Report.gpioConfiguration, 0b1100, 0xFF, 0, 0]))
        // As outputs both are low until they are set: output-enable is active.
        #expect(bridge.driven[DA_LINE_OUTPUT_ENABLE.rawValue] == 1)
        #expect(bridge.set([Report.gpioSet, 0b1100, 0b1100]))
        #expect(bridge.driven[DA_LINE_OUTPUT_ENABLE.rawValue] == 0)
        #expect(bridge.driven[DA_LINE_LED.rawValue] == 1)
        #expect(bridge.feature(Report.gpioGet)?[1] == 0b1110)
        // An input again: nobody drives it, and the motors are off.
        #expect(bridge.set([Report.gpioSet, 0, 0b0100]))
        #expect(bridge.driven[DA_LINE_OUTPUT_ENABLE.rawValue] == 1)
        #expect(bridge.set([Report.gpioConfiguration, 0b1000, 0xFF, 0, 0]))
        #expect(bridge.driven[DA_LINE_OUTPUT_ENABLE.rawValue] == 0)
    }

    @Test func onlyItsOwnFeaturesAreKnown() {
        #expect(bridge.feature(Report.version)?.count == 3)
        #expect(bridge.feature(Report.busConfiguration)?.count == 14)
        #expect(bridge.feature(0x20) == nil)
        #expect(!bridge.set([0x20, 0, 0]))
        #expect(!bridge.set([Report.gpioSet]))
    }
}
