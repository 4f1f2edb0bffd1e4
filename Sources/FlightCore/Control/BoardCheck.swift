import CBoard
import CContract
import CPlatform
import Contract
import Glibc

/// Looks at the hardware that the board file names, as the core itself would use it, and says what is wrong before a
/// flight. For `flightcore --check`, on the ground, while no core runs.
package enum BoardCheck {
    /// How much a finding matters.
    package enum State: String, Sendable {
        case ok
        /// It flies, but look.
        case warning
        /// It does not arm, or should not.
        case fault
    }

    package struct Finding: Equatable, Sendable {
        package var state: State
        package var subject: String
        /// One sentence.
        package var sentence: String

        /// Three fields with tabs between them.
        package var line: String { "\(state.rawValue)\t\(subject)\t\(printable(sentence))" }
    }

    /// ns within which a chip is set up: a reset of the IMU takes 100 ms, and each failure is tried again after as long.
    private static let patience: UInt64 = 1_000_000_000
    private static let pause: UInt64 = 1_000_000
    /// Transfers by whose fastest the bus is timed, and how much slower than its clock's it may be: the estimate's
    /// overhead is for a Pi's driver, and half as long again is another speed.
    private static let timed = 50
    private static let slower = 1.5

    /// Prints the findings and gives whether none is a fault.
    ///
    /// - Throws: `CoreFault` when the board file cannot be read, a core runs, or bus or lines cannot be opened.
    package static func run(_ options: CoreOptions) throws(CoreFault) -> Bool {
        let board = try BoardImage.read(options.board)
        let lock = da_lock_take(options.run + "/core.lock")
        guard lock >= 0 || lock == -ENOENT else {
            throw CoreFault(
                lock == -EAGAIN
                    ? "A core runs in \(options.run) and owns the bus; ask 'droneagent status' what it finds."
                    : "The lock \(options.run)/core.lock cannot be taken: \(reason(lock)).")
        }
        let hardware = try Hardware(board, run: options.run, outputs: nil)
        var findings = [budget(board)]
        findings += chips(board, hardware)
        findings.append(speed(board, hardware))
        findings += lines(board, hardware.lines)
        if let edges = hardware.edges { findings.append(ReceiverCheck.look(board, edges)) }
        findings.append(realTime())
        for finding in findings { print(finding.line) }
        return !findings.contains { $0.state == .fault }
    }

    private static func budget(_ board: da_board) -> Finding {
        let budget = BusBudget(board)
        let load = Int((budget.load * 100).rounded())
        return budget.fits
            ? Finding(state: .ok, subject: "bus budget", sentence: "The fullest tick loads the bus to \(load) %.")
            : Finding(
                state: .fault, subject: "bus budget",
                sentence:
                    "The tick's transfers load the bus to \(load) %, so that it would not arm; raise bus.speed_hz or lower tick.rate_hz."
            )
    }

    /// The guards give a transfer up behind a deadline, which the tick else sets.
    private static func allowTransfers(_ hardware: Hardware) {
        for bus in hardware.guards { withUnsafePointer(to: bus) { da_bus_guard_deadline($0, da_now() + transferTime) } }
    }

    /// ns: the adapter's own time-out is 10 ms, and some ten transfers go one after the other.
    private static let transferTime: UInt64 = 200_000_000

    // MARK: Chips

    private static func chips(_ board: da_board, _ hardware: Hardware) -> [Finding] {
        let (bus, motorBus) = (hardware.bus, hardware.motorBus)
        var (imu, barometer) = (MPU6050(address: board.imu_address), BMP280(address: board.baro_address))
        var battery = INA219(address: board.battery_address, shunt: board.battery_shunt)
        var motors = PCA9685(
            address: board.motor_address,
            encoding: PCA9685.Encoding(board))
        let end = da_now() + patience
        while da_now() < end, !(imu.isReady && barometer.isReady && battery.isReady && motors.isReady) {
            allowTransfers(hardware)
            imu.bringUp(bus, now: da_now())
            barometer.bringUp(bus, now: da_now())
            battery.bringUp(bus, now: da_now())
            motors.bringUp(motorBus, now: da_now())
            da_sleep_until(da_now() + pause)
        }
        allowTransfers(hardware)
        let device = text(board.bus_device)
        let motorDevice = text(board.motor_bus_device)
        return [
            chip("IMU", "MPU-6050", "imu.address", board.imu_address, bus, device, imu.isReady, MPU6050.identification),
            chip(
                "barometer", "BMP280", "barometer.address", board.baro_address, bus, device, barometer.isReady,
                BMP280.identification),
            chip("battery", "INA219", "battery.address", board.battery_address, bus, device, battery.isReady, nil),
            chip(
                "motors", "PCA9685", "motors.address", board.motor_address, motorBus,
                motorDevice.isEmpty ? device : motorDevice, motors.isReady, nil),
        ]
    }

    private static func chip(
        _ subject: String, _ name: String, _ key: String, _ address: UInt8, _ bus: da_bus, _ device: String,
        _ isReady: Bool, _ identification: (register: UInt8, value: UInt8)?
    ) -> Finding {
        let place = "0x\(String(address, radix: 16)) on \(device)"
        if isReady {
            return Finding(state: .ok, subject: subject, sentence: "The \(name) at \(place) is set up.")
        }
        // Every chip has a register 0.
        guard let found = bus.register(address, identification?.register ?? 0) else {
            return Finding(
                state: .fault, subject: subject,
                sentence:
                    "No chip answers at \(place), where the \(name) should; look at its wiring and power, and with 'i2cdetect' which addresses answer, then correct \(key)."
            )
        }
        if let identification, found != identification.value {
            return Finding(
                state: .fault, subject: subject,
                sentence:
                    "The chip at \(place) calls itself 0x\(String(found, radix: 16)), a \(name) would be 0x\(String(identification.value, radix: 16)); correct \(key) or change the chip."
            )
        }
        return Finding(
            state: .fault, subject: subject,
            sentence:
                "The \(name) at \(place) answers, but not to its set-up; look at its power and the bus's pull-ups.")
    }

    // MARK: Bus speed

    /// The IMU's burst, timed: what a tick waits for.
    private static func speed(_ board: da_board, _ hardware: Hardware) -> Finding {
        let bus = hardware.bus
        var least = UInt64.max
        for _ in 0..<timed {
            var bytes = InlineArray<14, UInt8>(repeating: 0)
            allowTransfers(hardware)
            let began = da_now()
            guard bus.read(board.imu_address, MPU6050.burst, &bytes) == 0 else { continue }
            least = min(least, da_now() - began)
        }
        guard least < .max else {
            return Finding(
                state: .fault, subject: "bus speed",
                sentence: "The bus cannot be timed: no read of the IMU came through; see the IMU's finding.")
        }
        let expected = BusBudget.read(bytes: 14, speed: Double(board.bus_speed))
        let (took, planned) = (Int(Double(least) / 1e3), Int(expected * 1e6))
        return Double(least) / 1e9 <= expected * slower
            ? Finding(
                state: .ok, subject: "bus speed",
                sentence: "A reading of the IMU takes \(took) µs, \(planned) were planned.")
            : Finding(
                state: .fault, subject: "bus speed",
                sentence:
                    "A reading of the IMU takes \(took) µs, at \(board.bus_speed) Hz it should be \(planned); set the bus's speed where the kernel reads it (on a Pi dtparam=i2c_arm_baudrate=\(board.bus_speed) in config.txt), or correct bus.speed_hz."
            )
    }

    // MARK: Lines

    private static func lines(_ board: da_board, _ lines: da_lines) -> [Finding] {
        func read(_ line: da_line) -> Int32 { withUnsafePointer(to: lines) { da_lines_get($0, line.rawValue) } }
        var findings: [Finding] = []
        for (line, subject, word, isOff) in [
            (DA_LINE_ARM, "arm switch", "The arm switch is on; switch it off before the core starts.", true),
            (DA_LINE_KILL, "kill line", "The kill line is active, so that nothing arms; let the button go.", false),
        ] {
            switch read(line) {
            case 0: findings.append(Finding(state: .ok, subject: subject, sentence: "It reads off."))
            case 1: findings.append(Finding(state: isOff ? .warning : .fault, subject: subject, sentence: word))
            case let error:
                findings.append(
                    Finding(
                        state: .fault, subject: subject,
                        sentence: "It cannot be read (\(reason(error))); see gpioinfo and the board file's gpio part."))
            }
        }
        return findings
    }

    // MARK: Real time

    private static func realTime() -> Finding {
        var isAllowed: Int32 = 0
        do throws(CoreFault) {
            try Thread(name: "flight-check", priority: 80, cpu: da_cpu_count() - 1, realTime: &isAllowed) {}.join()
        } catch { return Finding(state: .fault, subject: "real time", sentence: error.description) }
        let locked = da_memory_lock()
        if isAllowed == 1, locked == 0 {
            return Finding(
                state: .ok, subject: "real time", sentence: "Real-time priority and locked memory are allowed.")
        }
        return Finding(
            state: .warning, subject: "real time",
            sentence: isAllowed == 1
                ? "Memory cannot be locked (\(reason(locked))); give LimitMEMLOCK=infinity in the core's unit."
                : "Real-time priority is not allowed; give LimitRTPRIO=99 and CPUSchedulingPolicy=fifo in the core's unit, and see kernel.sched_rt_runtime_us."
        )
    }
}
