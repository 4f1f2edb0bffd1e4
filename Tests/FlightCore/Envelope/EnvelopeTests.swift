import CContract
import Contract
import FlightCore
import Shadow
import Testing

/// The parts of the core's own view, each alone.
@Suite struct EnvelopeTests {
    private let period: Float = 0.002
    private let rest = Vector3(0, 0, -standardGravity)

    /// Ticks until each verdict, of 100.
    private func ticks(_ state: StateFilter, rate: Float) -> (left: Int, forLong: Int) {
        var monitor = EnvelopeMonitor(testBoard())
        var (left, forLong) = (0, 0)
        for _ in 0..<100 {
            let verdict = monitor.step(state, rate: rate, period: period)
            if verdict < .left { left += 1 }
            if verdict < .leftForLong { forLong += 1 }
        }
        return (left + 1, forLong + 1)
    }

    @Test func aLimitMustBeExceededForAWhile() {
        let level = StateFilter()
        var monitor = EnvelopeMonitor(testBoard())
        for _ in 0..<3 {
            // Two readings, then one inside: a spike is no fault.
            for rate: Float in [20, 20, 1] { #expect(monitor.step(level, rate: rate, period: period) == .inside) }
        }
        #expect(ticks(level, rate: 20) == (3, 15), "6 ms and 30 ms")
        for _ in 0..<3 { _ = monitor.step(level, rate: 20, period: period) }
        monitor.reset()
        #expect(monitor.step(level, rate: 20, period: period) == .inside)
    }

    @Test func tiltAndDescentCount() {
        var turned = StateFilter()
        for _ in 0..<500 { turned.step(gyro: Vector3(1.4, 0, 0), accel: .zero, period: period, onGround: false) }
        #expect(abs(turned.tilt - 1.4) < 0.01)
        #expect(ticks(turned, rate: 0) == (3, 15))
        var falling = StateFilter()
        for _ in 0..<250 { falling.step(gyro: .zero, accel: .zero, period: period, onGround: false) }
        #expect(falling.climb < -4.5 && falling.climb > -5.5, "half a second of free fall")
        #expect(ticks(falling, rate: 0) == (30, 30), "60 ms")
    }

    @Test func onTheGroundTheHorizonIsFoundAndBiasesAreLearnt() {
        var state = StateFilter()
        let tilted = Quaternion(roll: 0.2, pitch: -0.1, yaw: 0)
        let accel = tilted.unrotate(Vector3(0, 0, -standardGravity - 0.3))
        for tick in 0..<2500 {
            if tick % 10 == 0 { state.take(pressure: 100_000, temperature: 20, onGround: true) }
            state.step(gyro: .zero, accel: accel, period: period, onGround: true)
        }
        #expect(abs(state.attitude.roll - 0.2) < 0.01 && abs(state.attitude.pitch + 0.1) < 0.01)
        #expect(state.climb == 0 && abs(state.height) < 0.01)
        for tick in 0..<500 {
            if tick % 10 == 0 { state.take(pressure: 100_000, temperature: 20, onGround: false) }
            state.step(gyro: .zero, accel: accel, period: period, onGround: false)
        }
        #expect(abs(state.climb) < 0.05, "the accelerometer's bias does not make it climb")
    }

    @Test func heightFollowsTheBarometer() {
        var state = StateFilter()
        state.take(pressure: 100_000, temperature: 20, onGround: true)
        for tick in 0..<5000 {
            if tick % 10 == 0 { state.take(pressure: 99_880, temperature: 20, onGround: false) }
            state.step(gyro: .zero, accel: rest, period: period, onGround: false)
        }
        let height = pressureHeight(99_880, datum: state.datum, temperature: 20)
        #expect(height > 9 && abs(state.height - height) < 0.1 && abs(state.climb) < 0.1)
    }

    @Test func nothingWildTraps() {
        let wild: [Float] = [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -1e30, 0, 1]
        var state = StateFilter()
        var descent = DescentController(testVehicle())
        for a in wild {
            for b in wild {
                state.take(pressure: a, temperature: b, onGround: false)
                state.step(gyro: Vector3(a, b, a), accel: Vector3(b, a, b), period: period, onGround: false)
                #expect(state.attitude.isFinite)
                let motors = descent.step(state, gyro: Vector3(b, a, 0), climbRate: a, period: period)
                #expect(motors.isCommand)
            }
        }
    }

    @Test func touchdownNeedsBothSignsLongEnough() {
        func ticks(motors: Float, climb: Float, descending: Bool) -> Int? {
            var detector = TouchdownDetector(hoverCommand: 0.67)
            for tick in 1...1000 {
                if detector.step(
                    motors: Motors(repeating: motors), climb: climb, descending: descending, period: period)
                {
                    return tick
                }
            }
            return nil
        }
        #expect((249...252).contains(ticks(motors: 0.4, climb: -0.1, descending: true) ?? 0))
        #expect(ticks(motors: 0.6, climb: -0.1, descending: true) == nil, "it carries")
        #expect(ticks(motors: 0.4, climb: -0.6, descending: true) == nil, "it sinks")
        #expect(ticks(motors: 0.4, climb: 0, descending: false) == nil)
        #expect(ticks(motors: 0.4, climb: .nan, descending: true) == nil)
    }

    @Test func gyroBiasWantsStillness() {
        var bias = GyroBias(tickRate: 500)
        for tick in 0..<499 { bias.take(Vector3(0.02, -0.01, tick % 2 == 0 ? 0.005 : -0.005)) }
        #expect(!bias.isMeasured)
        bias.take(Vector3(0.02, -0.01, 0))
        #expect(bias.isMeasured && (bias.bias - Vector3(0.02, -0.01, 0)).norm < 1e-4)
        for tick in 0..<500 { bias.take(Vector3(0, 0, tick == 250 ? 0.2 : 0)) }
        #expect(!bias.isMeasured && bias.bias.x > 0.019, "moved: the old one stays, but is not trusted")
        for _ in 0..<500 { bias.take(Vector3(3, 0, 0)) }
        #expect(bias.bias.x == 0.35, "more is no bias")
    }

    @Test func divergenceIsARunningRootOfTheMeanSquare() {
        var divergence = Divergence()
        let effect = MotorEffect(testVehicle())
        for _ in 0..<5000 {
            divergence.take(Motors(repeating: 0.6), Motors(repeating: 0.5), effect, idle: 0.05, weight: 0.002)
        }
        #expect(abs(divergence.command - 0.1) < 0.001 && divergence.angular < 0.01, "equal on all motors turns nothing")
        let roll = effect.of([0, 0, 1, 0])
        #expect(roll[0] > 0 && abs(roll[0] - 0.16 * 5.5 / 0.0082) < 0.1, "the front left one rolls to the right")
        #expect(roll[1] > 0 && roll[2] < 0 && abs(roll[3] - 5.5) < 0.01)
    }
}
