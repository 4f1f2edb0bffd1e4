package import CContract
internal import Contract
internal import Crypto

/// The board file: what a person writes about one vehicle, compiled to the struct that the core reads.
///
/// Strict: every key is needed unless its section says otherwise, no other is allowed, every value has a
/// range with its reason, and what contradicts something else in the file is refused.
package enum BoardFile {
    /// Longest board file, bytes: a dozen times the shipped ones.
    package static let bytesMax = 65_536
    /// Layout of the text. What the core reads has a version of its own, for it may change where the text does not.
    private static let format = 1

    /// Compiles the text of a board file; `name` is what errors call it.
    ///
    /// - Throws: `Fault` with file, line, key path and what is allowed.
    package static func compile(_ text: String, name: String) throws(Fault) -> da_board {
        guard text.utf8.count <= bytesMax else {
            throw Fault("\(name) has \(text.utf8.count) bytes; a board file has at most \(bytesMax).")
        }
        let root: YAMLNode?
        do throws(YAMLFault) { root = try YAMLNode.read(text) } catch {
            throw Fault("\(name) line \(error.line): \(error.problem).")
        }
        guard let root else { throw Fault("\(name) is empty; start from one of the shipped board files.") }
        var section = try BoardSection(root, file: name, path: "")
        var board = da_board()
        try readIdentity(&section, &board)
        try readBuses(&section, &board)
        try readLines(&section, &board)
        try readReceiver(&section, &board)
        try readSensors(&section, &board)
        try readMotors(&section, &board)
        try readVehicle(&section, &board)
        try readLimits(&section, &board)
        try section.finish()
        try checkAddresses(section, board)
        try checkBudget(section, board)
        board.hash = SHA256.hash(data: Array(text.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        return board.sealed()
    }

    private static func readIdentity(_ root: inout BoardSection, _ board: inout da_board) throws(Fault) {
        _ = try root.choice("format", [format], "the layout of this file")
        fill(&board.name, with: try root.text("name", room: Int(DA_NAME_BYTES)))
    }

    private static func readBuses(_ root: inout BoardSection, _ board: inout da_board) throws(Fault) {
        var bus = try root.section("bus")
        fill(&board.bus_device, with: try device(&bus))
        board.bus_speed = UInt32(
            try bus.whole(
                "speed_hz", 100_000...400_000,
                "I2C standard mode to fast mode, beyond which IMU and battery chip do not go"))
        try bus.finish()
        guard var motors = try root.sectionIfPresent("motor_bus") else { return }
        fill(&board.motor_bus_device, with: try device(&motors))
        board.motor_bus_speed = UInt32(
            try motors.whole("speed_hz", 100_000...1_000_000, "I2C standard mode to the PCA9685's fast mode plus"))
        try motors.finish()
        guard text(board.motor_bus_device) != text(board.bus_device) else {
            throw motors.conflict("device", "is the sensors' bus; name another one or leave motor_bus out.")
        }
    }

    private static func device(_ bus: inout BoardSection) throws(Fault) -> String {
        let device = try bus.text("device", room: Int(DA_PATH_BYTES))
        let number = device.hasPrefix("/dev/i2c-") ? Int(device.dropFirst(9)) : nil
        let isBridge = device.hasPrefix("bridge:") && device.count > 7
        guard number != nil || isBridge else {
            throw bus.conflict("device", "is '\(device)'; allowed is /dev/i2c-N, or bridge:PATH for a simulated bus.")
        }
        return device
    }

    private static func readLines(_ root: inout BoardSection, _ board: inout da_board) throws(Fault) {
        var gpio = try root.section("gpio")
        fill(&board.gpio_label, with: try gpio.text("label", room: Int(DA_NAME_BYTES)))
        var taken: [Int32: String] = [:]
        func line(_ key: String) throws(Fault) -> da_board_line {
            guard var section = try gpio.sectionIfPresent(key) else {
                return da_board_line(offset: -1, active_low: 0, reserved: (0, 0, 0))
            }
            let offset = Int32(try section.whole("line", 0...511, "offset on the GPIO chip"))
            let isActiveLow = try section.flag("active_low")
            try section.finish()
            if let other = taken.updateValue(key, forKey: offset) {
                throw section.conflict("line", "is \(offset), which gpio.\(other) has already; give each its own line.")
            }
            return da_board_line(offset: offset, active_low: isActiveLow ? 1 : 0, reserved: (0, 0, 0))
        }
        board.line = (try line("arm"), try line("kill"), try line("output_enable"), try line("led"))
        try gpio.finish()
    }

    private static func readSensors(_ root: inout BoardSection, _ board: inout da_board) throws(Fault) {
        var imu = try root.section("imu")
        _ = try imu.word("chip", ["mpu6050": 0])
        board.imu_address = try address(&imu, 0x68...0x69, "AD0 low or high")
        board.imu_rotation = try rotation(&imu)
        board.accel_bias = triple(
            try imu.numbers("accel_bias_mps2", count: 3, -3...3, "MPU-6050 zero-g output, with margin"))
        board.accel_scale = triple(
            try imu.numbers("accel_scale", count: 3, 0.9...1.1, "MPU-6050 scale tolerance is 3 %"))
        try imu.finish()

        var barometer = try root.section("barometer")
        _ = try barometer.word("chip", ["bmp280": 0])
        board.baro_address = try address(&barometer, 0x76...0x77, "SDO low or high")
        try barometer.finish()

        var battery = try root.section("battery")
        _ = try battery.word("chip", ["ina219": 0])
        board.battery_address = try address(&battery, 0x40...0x4F, "A0 and A1")
        board.battery_shunt =
            Float(try battery.number("shunt_mohm", 0.1...1000, "what a shunt for a motor current has")) / 1000
        board.battery_low = Float(try battery.number("low_v", 2...26, "INA219 bus range"))
        board.battery_critical = Float(try battery.number("critical_v", 2...26, "INA219 bus range"))
        try battery.finish()
        guard board.battery_critical < board.battery_low else {
            throw battery.conflict("critical_v", "must lie below battery.low_v: the warning comes before the landing.")
        }
    }

    private static func address(
        _ chip: inout BoardSection, _ range: ClosedRange<Int>, _ pins: String
    ) throws(Fault) -> UInt8 {
        UInt8(try chip.whole("address", range, "the chip's address pins \(pins)"))
    }

    private static func triple(_ numbers: [Double]) -> (Float, Float, Float) {
        (Float(numbers[0]), Float(numbers[1]), Float(numbers[2]))
    }
}
