package import CContract
package import Contract

/// How far a shadow's commands are from the owner's, over about a second.
///
/// The core measures it in flight, tick by tick, and a replay on a past flight's log: with the same bits. What the tick calls
/// says itself that it allocates nothing, for a caller in another module cannot look inside.
package struct Divergence: BitwiseCopyable, Sendable {
    /// Mean squares of the difference, per motor together and as angular acceleration.
    private var motorSquare: Float = 0
    private var effectSquare: Float = 0
    /// In sign and size, axis by axis.
    package private(set) var gains = GainMeter()

    @_noAllocation
    package init() {}

    /// RMS of the difference of motor commands, 0 to 1.
    package var command: Float {
        @_noAllocation get { squareRoot(motorSquare) }
    }
    /// RMS of the angular acceleration that the difference would cause, rad/s².
    package var angular: Float {
        @_noAllocation get { squareRoot(effectSquare) }
    }

    /// One tick's commands of both. `idle` is the lower end of a motor's range; `weight` is 1/ticks of the window.
    @_noAllocation
    package mutating func take(
        _ shadow: Motors, _ owner: Motors, _ effect: MotorEffect, idle: Float, weight: Float
    ) {
        var sum: Float = 0
        for motor in 0..<4 {
            let difference = shadow[motor] - owner[motor]
            sum += difference * difference
        }
        let (wanted, flown) = (effect.of(shadow), effect.of(owner))
        var square: Float = 0
        for axis in 0..<3 { square += (wanted[axis] - flown[axis]) * (wanted[axis] - flown[axis]) }
        let isFree = GainMeter.isFree(shadow, idle: idle) && GainMeter.isFree(owner, idle: idle)
        gains.take(shadow: wanted, owner: flown, isFree: isFree, weight: weight)
        motorSquare += (sum / 4 - motorSquare) * weight
        effectSquare += (square - effectSquare) * weight
    }
}

/// What motor commands do to the body.
package struct MotorEffect: BitwiseCopyable, Sendable {
    private let x: Motors
    private let y: Motors
    private let spin: Motors
    private let thrustMax: Float
    private let ratio: Float
    private let inverseInertia: Vector3
    private let inverseMass: Float

    package init(_ vehicle: da_vehicle) {
        x = Motors(vehicle.motor_x)
        y = Motors(vehicle.motor_y)
        spin = Motors(vehicle.spin)
        thrustMax = vehicle.thrust_max
        ratio = vehicle.moment_ratio
        inverseMass = 1 / clamp(vehicle.mass, 0.01, 1000)
        let inertia = Vector3(vehicle.inertia)
        inverseInertia = Vector3(
            1 / clamp(inertia.x, 1e-6, 100), 1 / clamp(inertia.y, 1e-6, 100), 1 / clamp(inertia.z, 1e-6, 100))
    }

    /// In the steady state of the rotors, FRD; thrust counts up.
    @_noAllocation
    package func of(_ motors: Motors) -> Effects {
        var torque = Vector3.zero
        var lift: Float = 0
        for motor in 0..<4 {
            let thrust = thrustMax * motors[motor] * motors[motor]
            torque += Vector3(-y[motor] * thrust, x[motor] * thrust, spin[motor] * ratio * thrust)
            lift += thrust
        }
        let turn = torque.scaled(by: inverseInertia)
        return [turn.x, turn.y, turn.z, lift * inverseMass]
    }
}
