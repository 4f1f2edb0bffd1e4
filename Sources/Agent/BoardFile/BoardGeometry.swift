internal import CContract

extension BoardFile {
    /// `imu.rotation`: three rows that turn chip axes into body axes (FRD).
    static func rotation(
        _ imu: inout BoardSection
    ) throws(Fault) -> (Float, Float, Float, Float, Float, Float, Float, Float, Float) {
        let m = try imu.numbers("rotation", count: 9, -1...1, "an element of a rotation matrix, row by row")
        let determinant =
            m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6])
        var isOrthonormal = true
        for row in 0..<3 {
            for other in row..<3 {
                let product = (0..<3).reduce(0) { $0 + m[row * 3 + $1] * m[other * 3 + $1] }
                // A thousandth is 0.06 degrees, less than a sensor's own misalignment.
                if abs(product - (row == other ? 1 : 0)) > 1e-3 { isOrthonormal = false }
            }
        }
        guard isOrthonormal, determinant > 0 else {
            throw imu.conflict(
                "rotation", "is no rotation: rows must be of length 1, at right angles and right-handed.")
        }
        let f = m.map { Float($0) }
        return (f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8])
    }

    /// `motors`: the PWM chip, its pulses, and where each motor sits.
    static func readMotors(_ root: inout BoardSection, _ board: inout da_board) throws(Fault) {
        var motors = try root.section("motors")
        _ = try motors.word("chip", ["pca9685": 0])
        board.motor_address = UInt8(try motors.whole("address", 0x40...0x7F, "the chip's address pins A0 to A5"))
        board.pwm_oscillator = Float(
            try motors.number("oscillator_hz", 23e6...27e6, "PCA9685 has 25 MHz, a few percent off; measure it"))
        board.pwm_rate = Float(try motors.number("pwm_hz", 24...1526, "PCA9685 prescaler 255 to 3"))
        let low = try motors.number("pulse_min_us", 100...2000, "OneShot125 begins at 125, standard PWM at 1000")
        let high = try motors.number("pulse_max_us", 100...2500, "OneShot125 ends at 250, standard PWM at 2000")
        board.pulse_min = Float(low / 1e6)
        board.pulse_max = Float(high / 1e6)
        guard low < high else { throw motors.conflict("pulse_max_us", "must lie above motors.pulse_min_us.") }
        guard high < 1e6 / Double(board.pwm_rate) else {
            throw motors.conflict(
                "pulse_max_us", "does not fit into one period of motors.pwm_hz; lower the rate or use OneShot125.")
        }
        let names = ["front_right", "rear_left", "front_left", "rear_right"]
        var taken: [UInt8: String] = [:]
        for (index, name) in names.enumerated() {
            var motor = try motors.section(name)
            let channel = UInt8(try motor.whole("channel", 0...15, "PCA9685 has 16"))
            let x = Float(try motor.number("x_m", -2...2, "forward of the centre of mass"))
            let y = Float(try motor.number("y_m", -2...2, "right of the centre of mass"))
            let spin: Float = try motor.word("spin", ["ccw": 1, "cw": -1])
            try motor.finish()
            if let other = taken.updateValue(name, forKey: channel) {
                throw motor.conflict("channel", "is \(channel), which motors.\(other) has already; give each its own.")
            }
            guard (x > 0) == name.hasPrefix("front"), (y > 0) == name.hasSuffix("right"), x != 0, y != 0 else {
                throw motor.conflict("x_m", "and y_m put the motor elsewhere than its name says (x forward, y right).")
            }
            set(&board.motor_channel, index, channel)
            set(&board.vehicle.motor_x, index, x)
            set(&board.vehicle.motor_y, index, y)
            set(&board.vehicle.spin, index, spin)
        }
        try motors.finish()
        let spin = board.vehicle.spin
        guard spin.0 == spin.1, spin.2 == spin.3, spin.0 != spin.2 else {
            throw motors.conflict("front_right", "and rear_left must turn one way, the other two the other way (yaw).")
        }
    }

    /// Writes one element of a C array.
    private static func set<Field: BitwiseCopyable, Element: BitwiseCopyable>(
        _ field: inout Field, _ index: Int, _ element: Element
    ) {
        withUnsafeMutableBytes(of: &field) { bytes in
            bytes.storeBytes(of: element, toByteOffset: index * MemoryLayout<Element>.stride, as: Element.self)
        }
    }

    /// `vehicle`: what a controller must know of the airframe.
    static func readVehicle(_ root: inout BoardSection, _ board: inout da_board) throws(Fault) {
        var vehicle = try root.section("vehicle")
        board.vehicle.mass = Float(try vehicle.number("mass_kg", 0.05...25, "a small multirotor"))
        let inertia = try vehicle.numbers("inertia_kgm2", count: 3, 1e-6...5, "a small multirotor, body axes")
        board.vehicle.inertia = (Float(inertia[0]), Float(inertia[1]), Float(inertia[2]))
        // A rigid body's moments of inertia obey the triangle inequality.
        guard inertia[0] + inertia[1] >= inertia[2], inertia[1] + inertia[2] >= inertia[0],
            inertia[2] + inertia[0] >= inertia[1]
        else {
            throw vehicle.conflict("inertia_kgm2", "belongs to no rigid body: no moment may exceed the others' sum.")
        }
        board.vehicle.thrust_max = Float(try vehicle.number("thrust_max_n", 0.1...200, "one motor at full command"))
        board.vehicle.moment_ratio = Float(
            try vehicle.number("moment_ratio_m", 0.001...0.1, "rotor drag moment over thrust"))
        board.vehicle.rotor_lag = Float(try vehicle.number("rotor_lag_ms", 1...200, "time constant of a rotor") / 1000)
        board.vehicle.tilt_limit = radians(
            try vehicle.number("tilt_limit_deg", 5...60, "what a pilot may ask for"))
        board.vehicle.command_idle = Float(
            try vehicle.number("command_idle", 0.02...0.3, "rotors turn, the vehicle stays on the ground"))
        try vehicle.finish()
        let hover = board.vehicle.mass * 9.81 / (4 * board.vehicle.thrust_max)
        guard hover < 0.7 else {
            throw vehicle.conflict(
                "thrust_max_n",
                "lifts \(plain(Double((100 / hover).rounded()))) % of the weight; at least 143 % is needed to control it."
            )
        }
    }

    static func radians(_ degrees: Double) -> Float { Float(degrees * Double.pi / 180) }
}
