import CContract
import Contract
import Testing

@Suite struct MixerTests {
    private static func vehicle() -> da_vehicle {
        var vehicle = da_vehicle()
        vehicle.motor_x = (0.16, -0.16, 0.16, -0.16)
        vehicle.motor_y = (0.12, -0.12, -0.12, 0.12)
        vehicle.spin = (1, 1, -1, -1)
        vehicle.thrust_max = 5.5
        vehicle.moment_ratio = 0.016
        vehicle.command_idle = 0.08
        return vehicle
    }

    /// What four commands do: N and N m.
    private func effect(_ motors: Motors) -> (thrust: Float, torque: Vector3) {
        let vehicle = Self.vehicle()
        let (x, y, spin) = (Motors(vehicle.motor_x), Motors(vehicle.motor_y), Motors(vehicle.spin))
        var (thrust, torque) = (Float(0), Vector3.zero)
        for motor in 0..<4 {
            let force = vehicle.thrust_max * motors[motor] * motors[motor]
            thrust += force
            torque += Vector3(-y[motor] * force, x[motor] * force, spin[motor] * vehicle.moment_ratio * force)
        }
        return (thrust, torque)
    }

    @Test func itIsTheInverseOfTheMotors() {
        let mixer = Mixer(Self.vehicle())
        for torque in [
            Vector3.zero, Vector3(0.2, 0, 0), Vector3(0, -0.3, 0), Vector3(0, 0, 0.03), Vector3(0.1, 0.2, -0.02),
        ] {
            for thrust: Float in [8, 9.81, 12] {
                let (got, turned) = effect(mixer.motors(thrust: thrust, torque: torque))
                #expect(abs(got - thrust) < 1e-3 && (turned - torque).norm < 1e-4)
            }
        }
    }

    @Test func yawIsGivenUpFirstThenHeight() {
        let mixer = Mixer(Self.vehicle())
        let tilt = Vector3(0.5, 0.5, 0)
        for thrust: Float in [0, 5, 10, 20, 100] {
            let (_, turned) = effect(mixer.motors(thrust: thrust, torque: tilt + Vector3(0, 0, 10)))
            #expect(abs(turned.x - tilt.x) < 1e-3 && abs(turned.y - tilt.y) < 1e-3, "at \(thrust) N")
            #expect(turned.z >= -1e-4)
        }
        // More than the motors can do: the direction stays.
        let (_, most) = effect(mixer.motors(thrust: 10, torque: Vector3(50, 25, 0)))
        #expect(most.x > 0.3 && abs(most.x - 2 * most.y) < 0.01)
    }

    @Test func noInputLeavesTheRange() {
        let wild: [Float] = [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -1e30, 0, 1, -1]
        var odd = Self.vehicle()
        (odd.motor_x, odd.moment_ratio, odd.thrust_max) = ((0, 0, 0, 0), 0, 0)
        for vehicle in [Self.vehicle(), da_vehicle(), odd] {
            let mixer = Mixer(vehicle)
            for thrust in wild {
                for a in wild {
                    for b in wild {
                        #expect(mixer.motors(thrust: thrust, torque: Vector3(a, b, a)).isCommand)
                        #expect(mixer.motors(thrust: thrust, torque: Vector3(0, a, b)).isCommand)
                    }
                }
            }
        }
        #expect(Mixer(Self.vehicle()).idling[3] == 0.08)
    }
}
