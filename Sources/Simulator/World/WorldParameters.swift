package import Airframe
package import CContract

/// Everything that is fixed about a simulated world; the seed adds what is random.
package struct WorldParameters: Sendable {
    package var airframe = AirframeParameters()
    package var battery = Battery.Parameters()
    package var air = Atmosphere.Parameters()
    package var wind = Wind.Parameters()
    package var imu = MPU6050Chip.Parameters()
    package var barometer = BMP280Chip.Parameters()
    package var monitor = INA219Chip.Parameters()
    package var wiring = Wiring()
    /// nil: the vehicle has none.
    package var receiver: PPMReceiver.Parameters?

    /// m/s², first harmonic of one rotor at full speed, on the accelerometer.
    package var vibrationAcceleration = 2.0
    /// rad/s, the same on the gyro.
    package var vibrationTurning = 0.03
    /// The motor chip's oscillator over 25 MHz, minus 1.
    package var oscillatorError = 0.0
    /// Motor log records kept in memory; beyond it they are counted as lost (500 Hz: 4 minutes).
    package var motorLogCapacity = 131_072
    /// Truth log records kept in memory (100 Hz: 5 minutes).
    package var truthLogCapacity = 32768

    package init() {}

    /// How chips, motors and buses are connected.
    package struct Wiring: Sendable {
        package var imuAddress: UInt8 = 0x68
        package var barometerAddress: UInt8 = 0x76
        package var monitorAddress: UInt8 = 0x40
        package var motorAddress: UInt8 = 0x41
        /// Bus of the motor chip: 0 with the sensors, 1 alone.
        package var motorBus = 0
        /// Hz of bus 0 and 1.
        package var busSpeed = [400_000.0, 400_000.0]
        /// ns that a driver takes around a transfer, in virtual time.
        package var driverOverhead: UInt64 = 60_000
        /// Channel of the motor chip of each motor.
        package var motorChannel = [0, 1, 2, 3]
        /// s, command 0 (OneShot125).
        package var pulseMin = 125e-6
        /// s, command 1.
        package var pulseMax = 250e-6
        /// Row-major: body = rotation * chip.
        package var imuRotation = [1.0, 0, 0, 0, 1, 0, 0, 0, 1]

        package init() {}
    }

    /// The world that a compiled board file expects: same airframe, addresses, channels and pulses.
    package init(board: da_board) {
        airframe = AirframeParameters(board.vehicle)
        monitor.shunt = Double(board.battery_shunt)
        wiring.imuAddress = board.imu_address
        wiring.barometerAddress = board.baro_address
        wiring.monitorAddress = board.battery_address
        wiring.motorAddress = board.motor_address
        let alone = board.motor_bus_device.0 != 0 && board.motor_bus_speed != 0
        wiring.motorBus = alone ? 1 : 0
        wiring.busSpeed = [
            Double(board.bus_speed), Double(alone ? board.motor_bus_speed : board.bus_speed),
        ]
        let channel = board.motor_channel
        wiring.motorChannel = [channel.0, channel.1, channel.2, channel.3].map { Int($0) & 15 }
        wiring.pulseMin = Double(board.pulse_min)
        wiring.pulseMax = Double(board.pulse_max)
        let r = board.imu_rotation
        wiring.imuRotation = [r.0, r.1, r.2, r.3, r.4, r.5, r.6, r.7, r.8].map { Double($0) }
        if board.receiver.offset >= 0 {
            var radio = PPMReceiver.Parameters()
            radio.isFalling = board.receiver.falling != 0
            receiver = radio
        }
        oscillatorError = Double(board.pwm_oscillator) / 25e6 - 1
    }

    /// The same world with another airframe, battery and sensors: each figure is multiplied by a number of
    /// its own from `1 ± fraction`. Published sets of one quadcopter differ by so much.
    ///
    /// Mass and thrust take half of the fraction, for the product of both decides whether it can fly at all.
    package func varied(by fraction: Double, seed: UInt64) -> WorldParameters {
        var random = RandomSource(seed: seed, stream: 99)
        func factor(_ share: Double = 1) -> Double { 1 + share * fraction * random.uniform(-1, 1) }
        var other = self
        other.airframe.mass *= factor(0.5)
        other.airframe.thrustMax *= factor(0.5)
        other.airframe.inertia *= Vector(factor(), factor(), factor())
        other.airframe.momentRatio *= factor()
        other.airframe.rotorLag *= factor()
        other.airframe.rotorSpeedMax *= factor()
        other.airframe.dragLinear *= Vector(factor(), factor(), factor())
        other.airframe.dragQuadratic *= factor()
        other.airframe.dragTurning *= Vector(factor(), factor(), factor())
        other.battery.resistance *= factor()
        other.battery.rotorPowerMax *= factor()
        other.air.groundPressure *= factor()
        other.vibrationAcceleration *= factor()
        other.vibrationTurning *= factor()
        other.imu.gyroBias *= Vector(factor(), factor(), factor())
        other.imu.accelBias *= Vector(factor(), factor(), factor())
        other.imu.clockError *= factor()
        other.imu.clockPhase = random.uniform()
        return other
    }
}
