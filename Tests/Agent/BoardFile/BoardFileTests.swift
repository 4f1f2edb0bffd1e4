import Agent
import CContract
import Contract
import Foundation
import Testing

/// The shipped board files, and each way in which one can be wrong.
@Suite struct BoardFileTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../Board").standardized

    static func shipped(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    @Test(arguments: ["bench.yaml", "pi3.yaml", "pi4.yaml", "pi5.yaml", "zero2.yaml"])
    func shippedFilesCompile(name: String) throws {
        let board = try BoardFile.compile(try Self.shipped(name), name: name)
        // On the in-order cores of a Pi 3 and a Zero 2 the rate of other autopilots, else ours.
        #expect(board.tick_rate == (["pi3.yaml", "zero2.yaml"].contains(name) ? 400 : 500))
        #expect(board.bus_speed == 400_000)
        #expect(board.magic == UInt32(DA_BOARD_MAGIC))
        #expect(try da_board(binary: board.binary, name: "board.bin").hash == board.hash)
    }

    @Test func benchBoardIsInSIUnits() throws {
        let board = try BoardFile.compile(try Self.shipped("bench.yaml"), name: "bench.yaml")
        #expect(text(board.bus_device) == "bridge:bus.sock")
        #expect(board.pulse_min == 125e-6)
        #expect(board.pulse_max == 250e-6)
        #expect(abs(board.tilt_max - 1.221_73) < 1e-4)
        #expect(board.vehicle.rotor_lag == 0.02)
        #expect(board.vehicle.motor_x.0 == 0.16)
        #expect(board.vehicle.motor_y.1 == -0.16)
        #expect(board.vehicle.spin.0 == 1 && board.vehicle.spin.2 == -1)
        #expect(board.line.2.active_low == 1)
        #expect(board.pilot_timeout == 0.5)
    }

    @Test func hashIsOfTheText() throws {
        let text = try Self.shipped("bench.yaml")
        let one = try BoardFile.compile(text, name: "bench.yaml")
        let other = try BoardFile.compile(text + "\n# a remark\n", name: "bench.yaml")
        #expect(one.hash != other.hash)
        #expect(one.hashText.count == 16)
    }

    struct Flaw: Sendable, CustomTestStringConvertible {
        var from: String
        var to: String
        var says: [String]

        var testDescription: String { "\(from) -> \(to)" }
    }

    static let flaws: [Flaw] = [
        Flaw(
            from: "  mass_kg: 1.0", to: "  mass_kg: 1.0\n  colour: red",
            says: ["line", "vehicle.colour", "not a key", "mass_kg"]),
        Flaw(from: "format: 1", to: "format: 2", says: ["format", "2", "one of 1"]),
        Flaw(from: "name: bench", to: "", says: ["name is missing"]),
        Flaw(from: "name: bench", to: "name: \(String(repeating: "x", count: 40))", says: ["name has 40 bytes", "31"]),
        Flaw(
            from: "pulse_min_us: 125", to: "pulse_min_ms: 0.125",
            says: ["motors.pulse_min_ms", "wrong unit", "pulse_min_us"]),
        Flaw(
            from: "pulse_min_us: 125", to: "pulse_min_us: 125us",
            says: ["motors.pulse_min_us", "'125us'", "plain number"]),
        Flaw(from: "pulse_min_us: 125", to: "pulse_min_us: 260", says: ["motors.pulse_max_us", "above"]),
        Flaw(from: "pulse_max_us: 250", to: "pulse_max_us: 2000", says: ["motors.pulse_max_us", "period"]),
        Flaw(from: "rate_hz: 500", to: "rate_hz: 300", says: ["tick.rate_hz is 300", "250, 400, 500, 1000"]),
        Flaw(from: "rate_hz: 500", to: "rate_hz: fast", says: ["tick.rate_hz is 'fast'", "whole number"]),
        Flaw(from: "speed_hz: 400000", to: "speed_hz: 1000000", says: ["bus.speed_hz is 1000000", "100000 to 400000"]),
        Flaw(from: "speed_hz: 400000", to: "speed_hz: 100000", says: ["bus is too slow", "3950 us", "2000 us"]),
        Flaw(from: "rate_hz: 500 ", to: "rate_hz: 1000 ", says: ["command_deadline_ms", "tenth"]),
        Flaw(from: "device: bridge:bus.sock", to: "device: /dev/spi0", says: ["bus.device", "/dev/i2c-N"]),
        Flaw(from: "address: 0x68", to: "address: 0x70", says: ["imu.address is 0x70", "0x68 to 0x69"]),
        Flaw(from: "address: 0x41", to: "address: 0x40", says: ["motors has address 0x40", "battery"]),
        Flaw(from: "chip: mpu6050", to: "chip: mpu9250", says: ["imu.chip is 'mpu9250'", "mpu6050"]),
        Flaw(
            from: "rotation: [1, 0, 0, 0, -1, 0, 0, 0, -1]", to: "rotation: [1, 0, 0, 0, 1, 0, 0, 0, -1]",
            says: ["imu.rotation", "no rotation"]),
        Flaw(
            from: "rotation: [1, 0, 0, 0, -1, 0, 0, 0, -1]", to: "rotation: [1, 0, 0]",
            says: ["imu.rotation", "list of 9"]),
        Flaw(from: "kill: {line: 1,", to: "kill: {line: 0,", says: ["gpio.kill.line is 0", "gpio.arm"]),
        Flaw(
            from: "{channel: 1, x_m", to: "{channel: 0, x_m",
            says: ["motors.rear_left.channel is 0", "motors.front_right"]),
        Flaw(
            from: "{channel: 0, x_m: 0.16", to: "{channel: 0, x_m: -0.16",
            says: ["motors.front_right.x_m", "elsewhere"]),
        Flaw(from: "y_m: -0.16, spin: cw}", to: "y_m: -0.16, spin: ccw}", says: ["motors.front_right", "yaw"]),
        Flaw(from: "spin: ccw}", to: "spin: left}", says: ["spin is 'left'", "ccw, cw"]),
        Flaw(from: "thrust_max_n: 5.5", to: "thrust_max_n: 2.6", says: ["vehicle.thrust_max_n", "% of the weight"]),
        Flaw(
            from: "inertia_kgm2: [0.0082, 0.0082, 0.0149]", to: "inertia_kgm2: [0.001, 0.001, 0.0149]",
            says: ["inertia_kgm2", "rigid body"]),
        Flaw(
            from: "tilt_max_deg: 70", to: "tilt_max_deg: 30", says: ["limits.tilt_max_deg", "vehicle.tilt_limit_deg"]),
        Flaw(
            from: "tilt_max_deg: 70", to: "tilt_max_rad: 1.2",
            says: ["limits.tilt_max_rad", "wrong unit", "tilt_max_deg"]),
        Flaw(from: "descent_max_mps: 4 ", to: "descent_max_mps: 0.5 ", says: ["limits.descent_max_mps", "landing"]),
        Flaw(from: "critical_v: 9.9", to: "critical_v: 11", says: ["battery.critical_v", "below battery.low_v"]),
        Flaw(from: "miss_limit: 3", to: "miss_limit: 9", says: ["tick.miss_limit", "hold_ticks"]),
        Flaw(from: "hold_ticks: 5", to: "hold_ticks: 5.5", says: ["tick.hold_ticks is '5.5'", "whole number"]),
        Flaw(
            from: "pilot_timeout_ms: 500", to: "pilot_timeout_ms: .nan",
            says: ["limits.pilot_timeout_ms", "plain number"]),
        Flaw(from: "bus:\n", to: "bus: [\n", says: ["line", "not YAML"]),
        Flaw(from: "name: bench", to: "name: bench\nname: bench", says: ["name", "twice"]),
        Flaw(from: "active_low: false", to: "active_low: no", says: ["active_low is 'no'", "true, false"]),
    ]

    @Test(arguments: flaws)
    func eachFlawIsOneSentence(flaw: Flaw) throws {
        let text = try Self.shipped("bench.yaml")
        let range = try #require(text.range(of: flaw.from), "the shipped file has no '\(flaw.from)'")
        let broken = text.replacingCharacters(in: range, with: flaw.to)
        let fault = try #require(throws: Fault.self) { try BoardFile.compile(broken, name: "bench.yaml") }
        #expect(fault.sentence.hasPrefix("bench.yaml"))
        for word in flaw.says { #expect(fault.sentence.contains(word), "\(fault.sentence)") }
        #expect(!fault.sentence.contains("\n"))
    }

    @Test func emptyAndEndlessFilesAreRefused() throws {
        #expect(throws: Fault.self) { try BoardFile.compile("", name: "x") }
        #expect(throws: Fault.self) { try BoardFile.compile(String(repeating: "#", count: 70_000), name: "x") }
    }

    /// Sensing and writing follow each other in a tick: 1000 Hz needs a bus for the motors alone, and a fast one.
    @Test func aThousandHertzNeedsTwoBuses() throws {
        let text = try Self.shipped("bench.yaml")
        let two = "\nmotor_bus:\n  device: bridge:motors.sock\n  speed_hz: 400000\n"
        #expect(try BoardFile.compile(text + two, name: "x").motor_bus_speed == 400_000)
        let fast = text.replacing("rate_hz: 500 ", with: "rate_hz: 1000 ")
            .replacing("command_deadline_ms: 1.2", with: "command_deadline_ms: 0.8")
        let fault = try #require(throws: Fault.self) { try BoardFile.compile(fast + two, name: "x") }
        for part in ["of its 1000 us", "920 us of 800 us"] { #expect(fault.sentence.contains(part)) }
        let board = try BoardFile.compile(fast + two.replacing("400000", with: "1000000"), name: "x")
        #expect(board.tick_rate == 1000 && board.motor_bus_speed == 1_000_000 && BusBudget(board).fits)
        #expect(throws: Fault.self) {
            try BoardFile.compile(text + two.replacing("400000", with: "1000001"), name: "x")
        }
    }

    @Test func damagedBinaryIsRefused() throws {
        let board = try BoardFile.compile(try Self.shipped("bench.yaml"), name: "bench.yaml")
        var bytes = board.binary
        bytes[200] ^= 1
        #expect(throws: Fault("board.bin is damaged: its checksum does not match; compile the board file again.")) {
            try da_board(binary: bytes, name: "board.bin")
        }
        #expect(throws: Fault.self) { try da_board(binary: Array(board.binary.dropLast()), name: "board.bin") }
        var other = board.binary
        other[0] = 0
        #expect(throws: Fault.self) { try da_board(binary: other, name: "board.bin") }
    }
}
