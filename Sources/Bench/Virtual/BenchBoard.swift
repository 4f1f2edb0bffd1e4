package import CContract
import Contract

/// The bench's vehicle as the core reads it. A test holds it against Board/bench.yaml, compiled.
package enum BenchBoard {
    package static func make() -> da_board {
        var board = da_board()
        board.magic = UInt32(DA_BOARD_MAGIC)
        board.version = UInt32(DA_BOARD_VERSION)
        board.size = UInt32(MemoryLayout<da_board>.size)
        fill(&board.name, with: "bench")
        fill(&board.bus_device, with: "bridge:bus.sock")
        fill(&board.gpio_label, with: "bridge")
        board.line.0 = da_board_line(offset: 0, active_low: 0, reserved: (0, 0, 0))
        board.line.1 = da_board_line(offset: 1, active_low: 0, reserved: (0, 0, 0))
        board.line.2 = da_board_line(offset: 2, active_low: 1, reserved: (0, 0, 0))
        board.line.3 = da_board_line(offset: 3, active_low: 0, reserved: (0, 0, 0))
        board.bus_speed = 400_000
        board.tick_rate = 500
        (board.imu_address, board.baro_address, board.battery_address, board.motor_address) = (0x68, 0x76, 0x40, 0x41)
        board.imu_rotation = (1, 0, 0, 0, -1, 0, 0, 0, -1)
        board.accel_scale = (1, 1, 1)
        board.motor_channel = (0, 1, 2, 3)
        board.pulse_min = 125e-6
        board.pulse_max = 250e-6
        board.pwm_rate = 1526
        board.pwm_oscillator = 25e6
        board.battery_shunt = 1e-3
        board.battery_low = 10.5
        board.battery_critical = 9.9
        board.vehicle = vehicle
        board.tilt_max = radians(70)
        board.rate_max = radians(500)
        board.descent_max = 4
        board.slew_max = 0.8
        board.command_deadline = 1.2e-3
        board.pilot_timeout = 0.5
        board.landing_speed = 0.6
        board.climb_max = 1.5
        board.hold_ticks = 5
        board.miss_limit = 3
        board.settle_ticks = 250
        board.receiver.offset = -1
        return board
    }

    private static var vehicle: da_vehicle {
        var vehicle = da_vehicle()
        vehicle.mass = 1
        vehicle.inertia = (0.0082, 0.0082, 0.0149)
        vehicle.motor_x = (0.16, -0.16, 0.16, -0.16)
        vehicle.motor_y = (0.16, -0.16, -0.16, 0.16)
        vehicle.spin = (1, 1, -1, -1)
        vehicle.thrust_max = 5.5
        vehicle.moment_ratio = 0.016
        vehicle.rotor_lag = 0.02
        vehicle.tilt_limit = radians(35)
        vehicle.command_idle = 0.08
        return vehicle
    }

    /// In Double first, as the compiler of board files does.
    private static func radians(_ degrees: Double) -> Float { Float(degrees * .pi / 180) }
}
