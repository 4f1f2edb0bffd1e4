import Airframe
import CBoard
import CContract
import Simulator

/// A bus master for tests: the C bus with arrays.
struct Master {
    let world: World
    var bus: da_bus

    init(_ world: World, bus number: Int = 0) {
        self.world = world
        bus = world.bus(number)
    }

    /// The bytes, or the negative errno.
    func read(_ address: UInt8, _ register: UInt8, _ count: Int) -> Result<[UInt8], BusFault> {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = bus.read(bus.context, address, register, &bytes, UInt8(count))
        return result == 0 ? .success(bytes) : .failure(BusFault(code: result))
    }

    @discardableResult
    func write(_ address: UInt8, _ register: UInt8, _ bytes: [UInt8]) -> Int32 {
        bus.write(bus.context, address, register, bytes, UInt8(bytes.count))
    }

    /// A register's byte; 0xEE if the bus refused.
    func byte(_ address: UInt8, _ register: UInt8) -> UInt8 {
        (try? read(address, register, 1).get()[0]) ?? 0xEE
    }

    func wait(milliseconds: Double) {
        world.advance(to: world.now + UInt64(milliseconds * 1e6))
    }
}

struct BusFault: Error, Equatable {
    var code: Int32
}

func word(_ bytes: [UInt8], _ index: Int) -> Int16 {
    Int16(bitPattern: UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]))
}

/// A world without wind, noise, vibration or biases: what remains can be computed by hand.
func quietParameters() -> WorldParameters {
    var parameters = WorldParameters()
    parameters.wind.speed20 = 0
    parameters.vibrationAcceleration = 0
    parameters.vibrationTurning = 0
    parameters.imu.gyroNoise = 0
    parameters.imu.accelNoise = 0
    parameters.imu.gyroBias = .zero
    parameters.imu.accelBias = .zero
    parameters.barometer.noise = 0
    parameters.barometer.bias = 0
    parameters.monitor.shuntNoise = 0
    parameters.monitor.busNoise = 0
    parameters.battery.voltageEffect = 0
    return parameters
}

/// Drives the four motors through the motor chip: 1526 Hz, 125 to 250 µs.
struct MotorDriver {
    let master: Master

    /// Sets the chip up and enables its outputs.
    init(_ master: Master) {
        self.master = master
        let address = master.world.parameters.wiring.motorAddress
        master.write(address, PCA9685Chip.Register.mode1, [PCA9685Chip.Bit.sleep | PCA9685Chip.Bit.autoIncrement])
        master.write(address, PCA9685Chip.Register.prescale, [3])
        master.write(address, PCA9685Chip.Register.mode1, [PCA9685Chip.Bit.autoIncrement])
        _ = master.world.setLine(DA_LINE_OUTPUT_ENABLE.rawValue, 1)
    }

    static func bytes(_ commands: [Double]) -> [UInt8] {
        commands.flatMap { command -> [UInt8] in
            let seconds = 125e-6 + 125e-6 * command
            let counts = Int((seconds / (4096 * 4 / 25e6) * 4096).rounded())
            return [0, 0, UInt8(counts & 0xFF), UInt8(counts >> 8)]
        }
    }

    @discardableResult
    func set(_ commands: [Double]) -> Int32 {
        master.write(
            master.world.parameters.wiring.motorAddress, PCA9685Chip.Register.led0, Self.bytes(commands))
    }
}
