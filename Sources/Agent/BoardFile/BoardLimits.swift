internal import CContract
internal import Contract

extension BoardFile {
    /// `tick` and `limits`.
    static func readLimits(_ root: inout BoardSection, _ board: inout da_board) throws(Fault) {
        var tick = try root.section("tick")
        board.tick_rate = UInt32(
            try tick.choice("rate_hz", [250, 400, 500, 1000], "rates at which controllers and chips were checked"))
        let deadline = try tick.number("command_deadline_ms", 0.2...3.6, "inside the tick, after the IMU's read") / 1000
        board.command_deadline = Float(deadline)
        board.hold_ticks = UInt32(
            try tick.whole("hold_ticks", 1...50, "100 ms without control tilt a vehicle by 20 degrees"))
        board.miss_limit = UInt32(try tick.whole("miss_limit", 1...50, "deadlines in a row that end a probation"))
        board.settle_ticks = UInt32(try tick.whole("settle_ticks", 10...10_000, "ticks in step before a switch"))
        try tick.finish()
        guard deadline < 0.9 / Double(board.tick_rate) else {
            throw tick.conflict(
                "command_deadline_ms",
                "must leave a tenth of the tick for the motor write; at \(board.tick_rate) Hz it ends before \(plain(900 / Double(board.tick_rate))) ms."
            )
        }
        guard board.miss_limit <= board.hold_ticks else {
            throw tick.conflict(
                "miss_limit", "must not exceed tick.hold_ticks: a way back that comes after the fall is none.")
        }

        var limits = try root.section("limits")
        board.tilt_max = radians(try limits.number("tilt_max_deg", 10...85, "beyond, thrust no longer carries"))
        board.rate_max = radians(try limits.number("rate_max_dps", 50...2000, "MPU-6050 measures to 2000"))
        board.descent_max = Float(try limits.number("descent_max_mps", 0.5...20, "vortex ring and ground"))
        board.slew_max = Float(try limits.number("slew_max", 0.05...1, "change of a command in one tick"))
        board.pilot_timeout = Float(
            try limits.number("pilot_timeout_ms", 100...5000, "common radios repeat every 4 to 50 ms") / 1000)
        board.landing_speed = Float(try limits.number("landing_speed_mps", 0.1...2, "what the legs bear"))
        board.climb_max = Float(try limits.number("climb_max_mps", 0.2...10, "what a pilot may ask for"))
        try limits.finish()
        guard board.tilt_max > board.vehicle.tilt_limit else {
            throw limits.conflict("tilt_max_deg", "must exceed vehicle.tilt_limit_deg: a pilot's own tilt is no fault.")
        }
        guard board.descent_max > board.landing_speed else {
            throw limits.conflict("descent_max_mps", "must exceed limits.landing_speed_mps: a landing is no fault.")
        }
    }

    /// No two chips on one bus at one address.
    static func checkAddresses(_ root: BoardSection, _ board: da_board) throws(Fault) {
        var chips = [("imu", board.imu_address), ("barometer", board.baro_address), ("battery", board.battery_address)]
        if board.motor_bus_speed == 0 { chips.append(("motors", board.motor_address)) }
        for (index, chip) in chips.enumerated() {
            for other in chips[..<index] where other.1 == chip.1 {
                throw root.conflict(
                    chip.0,
                    "has address 0x\(String(chip.1, radix: 16)), which \(other.0) has already on this bus; change the address pins."
                )
            }
        }
    }

    /// The core would refuse to arm: it counts the same way.
    static func checkBudget(_ root: BoardSection, _ board: da_board) throws(Fault) {
        let isShared = board.motor_bus_speed == 0
        let budget = BusBudget(board)
        guard budget.fits else {
            func microseconds(_ seconds: Double) -> String { plain((seconds * 1e6).rounded()) + " us" }
            throw root.conflict(
                isShared ? "bus" : "motor_bus",
                "is too slow: a tick's transfers take \(microseconds(budget.seconds)) of its "
                    + "\(microseconds(budget.period)), sensing and writing alone "
                    + "\(microseconds(budget.imuSeconds + budget.motorSeconds)) of "
                    + "\(microseconds(BusBudget.limit * budget.period)); "
                    + (isShared
                        ? "raise speed_hz, lower tick.rate_hz or add a motor_bus."
                        : "raise speed_hz or lower tick.rate_hz."))
        }
    }
}
