import CContract
import Contract

/// A board as the bench has it, for tests to change.
func testBoard() -> da_board {
    var board = da_board()
    board.magic = UInt32(DA_BOARD_MAGIC)
    board.version = UInt32(DA_BOARD_VERSION)
    board.size = UInt32(MemoryLayout<da_board>.size)
    board.hash = 0x1234_5678_9ABC_DEF0
    fill(&board.name, with: "test")
    board.line.0 = da_board_line(offset: 0, active_low: 0, reserved: (0, 0, 0))
    board.line.1 = da_board_line(offset: 1, active_low: 0, reserved: (0, 0, 0))
    board.line.2 = da_board_line(offset: 2, active_low: 1, reserved: (0, 0, 0))
    board.line.3 = da_board_line(offset: 3, active_low: 0, reserved: (0, 0, 0))
    board.bus_speed = 400_000
    board.tick_rate = 500
    (board.imu_address, board.baro_address, board.battery_address, board.motor_address) = (0x68, 0x76, 0x40, 0x41)
    // The chip lies on its back: x forward, y left, z up.
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
    board.vehicle = testVehicle()
    board.tilt_max = 70 * .pi / 180
    board.rate_max = 600 * .pi / 180
    board.descent_max = 4
    board.slew_max = 0.5
    board.command_deadline = 1.2e-3
    board.pilot_timeout = 0.5
    board.landing_speed = 0.6
    board.climb_max = 1.5
    board.hold_ticks = 5
    board.miss_limit = 3
    board.settle_ticks = 50
    board.receiver.offset = -1
    return board
}

/// The same with a receiver: roll, pitch, climb, yaw on channels 1 to 4, pitch reversed, a failsafe value on climb's.
func receiverBoard() -> da_board {
    var board = testBoard()
    board.receiver = da_board_receiver(
        offset: 5, falling: 0, channel: (1, 2, 3, 4), reversed: 2, failsafe_channel: 3, reserved: 0,
        range: (1e-3, 1.5e-3, 2e-3), deadband: 10e-6, failsafe_below: 950e-6)
    return board
}

func testVehicle() -> da_vehicle {
    var vehicle = da_vehicle()
    vehicle.mass = 1
    vehicle.inertia = (0.0082, 0.0082, 0.0149)
    vehicle.motor_x = (0.16, -0.16, 0.16, -0.16)
    vehicle.motor_y = (0.16, -0.16, -0.16, 0.16)
    vehicle.spin = (1, 1, -1, -1)
    vehicle.thrust_max = 5.5
    vehicle.moment_ratio = 0.016
    vehicle.rotor_lag = 0.02
    vehicle.tilt_limit = 0.75
    vehicle.command_idle = 0.08
    return vehicle
}
