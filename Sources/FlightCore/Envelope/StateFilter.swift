package import Contract

/// The core's own small view of attitude, height and climb rate, for envelope and failsafe alone.
///
/// Attitude: complementary filter on the quaternion (Mahony, Hamel, Pflimlin 2008, without bias: the core removes
/// it before take-off). Height: complementary filter of third order on vertical acceleration and barometer.
package struct StateFilter: BitwiseCopyable, Sendable {
    /// Gain of the accelerometer's correction, 1/s: slow, so that manoeuvres do not tilt the horizon.
    private static let levelGain: Float = 0.3
    /// While disarmed the horizon is found within a second.
    private static let levelGainOnGround: Float = 5
    /// Specific force beyond this part of gravity says nothing about down.
    private static let trustedForceMin: Float = 0.8
    private static let trustedForceMax: Float = 1.2
    /// Three poles of the height filter at 1 rad/s: gains 3ω, 3ω², ω³. The third state is the accelerometer's bias.
    private static let heightGain: Float = 3
    private static let climbGain: Float = 3
    private static let biasGain: Float = 1
    /// m/s²: more is no bias.
    private static let biasLimit: Float = 1

    package private(set) var attitude = Quaternion.identity
    /// m above the datum, up positive.
    package private(set) var height: Float = 0
    /// m/s, up positive.
    package private(set) var climb: Float = 0
    /// Pa, at height 0.
    package private(set) var datum: Float = 0
    private var accelerationBias: Float = 0
    private var barometerHeight: Float = 0
    private var hasBarometer = false

    package init() {}

    /// One IMU sample, FRD, over `period` s.
    @_noAllocation
    package mutating func step(gyro: Vector3, accel: Vector3, period: Float, onGround: Bool) {
        attitude = attitude.turned(by: gyro, for: period)
        let force = accel.norm / standardGravity
        if force > Self.trustedForceMin, force < Self.trustedForceMax {
            // At rest the specific force points up; its opposite is down as measured.
            let measured = accel * (-1 / clamp(accel.norm, 1, 1000))
            let error = measured.cross(attitude.downInBody)
            let gain = onGround ? Self.levelGainOnGround : Self.levelGain
            attitude = attitude.turned(by: error * gain, for: period)
        }
        let acceleration = -(attitude.rotate(accel).z + standardGravity) - accelerationBias
        if onGround {
            climb = 0
        } else {
            climb = clamp(climb + acceleration * period, -50, 50)
        }
        height = clamp(height + climb * period, -500, 5000)
        if hasBarometer {
            let error = barometerHeight - height
            height += Self.heightGain * error * period
            if onGround {
                // At rest what is measured is the bias itself.
                accelerationBias += acceleration * period
            } else {
                climb += Self.climbGain * error * period
                accelerationBias -= Self.biasGain * error * period
            }
            accelerationBias = clamp(accelerationBias, -Self.biasLimit, Self.biasLimit)
        }
    }

    /// `seconds` went by without a sample, in which the body turned at about `rate` (rad/s).
    @_noAllocation
    package mutating func coast(rate: Vector3, seconds: Float, onGround: Bool) {
        attitude = attitude.turned(by: rate, for: seconds)
        if !onGround { height = clamp(height + climb * seconds, -500, 5000) }
    }

    /// A new measurement of the barometer: Pa, °C.
    @_noAllocation
    package mutating func take(pressure: Float, temperature: Float, onGround: Bool) {
        if datum == 0 { datum = pressure }
        // On the ground the datum follows the weather, at 1/100 a measurement.
        if onGround { datum += (pressure - datum) * 0.01 }
        barometerHeight = pressureHeight(pressure, datum: datum, temperature: temperature)
        hasBarometer = true
    }

    /// rad.
    package var tilt: Float { attitude.tilt }
}
