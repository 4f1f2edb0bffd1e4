internal import Contract
internal import FlightKit

/// Body rates to angular acceleration: PID with the derivative on the filtered gyro.
struct RateLoop: ChannelLayout {
    /// rad/s², body: the steady acceleration that it takes to hold a rate.
    var integral = Vector3.zero
    /// rad/s, body: the gyro behind a first-order low pass.
    var filtered = Vector3.zero

    /// 1/s. The rotors lag by 20 ms and gyro and bus by 5 ms: 20 rad/s leaves 60 degrees of phase. Yaw has a
    /// tenth of the torque and gets a gain that does not saturate it.
    private static var proportional: Vector3 { Vector3(20, 20, 5) }
    /// 1/s².
    private static var integrating: Vector3 { Vector3(12, 12, 2) }
    /// Dimensionless: share of the measured angular acceleration that is taken off.
    private static var derivative: Vector3 { Vector3(0.2, 0.2, 0) }
    /// rad/s: 25 Hz keeps the rotors' vibration (80 Hz and up) out of the derivative.
    private static var cutoff: Float { 157 }
    /// rad/s: twice what holding an attitude in gusts takes.
    private static var calmRate: Float { 0.5 }
    /// rad/s²: a frame out of balance by a tenth of a motor's thrust, and room.
    private static var integralLimit: Vector3 { Vector3(15, 15, 2) }
    /// rad/s²: what the motors can do from hover.
    private static var limit: Vector3 { Vector3(120, 120, 6) }

    var isSane: Bool { integral.isFinite && filtered.isFinite && integral.norm < 100 && filtered.norm < 100 }

    /// The angular acceleration (rad/s², body) that brings `rate` to `wanted` (rad/s, body).
    @_noAllocation
    mutating func update(wanted: Vector3, rate: Vector3, seconds: Float, integrates: Bool) -> Vector3 {
        let acceleration = filter(rate, seconds)
        // Yaw is slow: behind the low pass its rate is as good, and its weak motors do not hear the noise.
        let error = wanted - Vector3(rate.x, rate.y, filtered.z)
        if integrates {
            let calm = Vector3(calmness(wanted.x), calmness(wanted.y), 1)
            let growth = error.scaled(by: calm).scaled(by: Self.integrating) * seconds
            integral = (integral + growth).clamped(by: Self.integralLimit)
        }
        let wish = error.scaled(by: Self.proportional) + integral - acceleration.scaled(by: Self.derivative)
        return wish.clamped(by: Self.limit)
    }

    /// A vehicle that is told to turn fast lags behind for other reasons than imbalance: nothing is learnt then.
    @_noAllocation
    private func calmness(_ wanted: Float) -> Float { clamp(1 - abs(wanted) / Self.calmRate, 0, 1) }

    /// Keeps the filter warm while the loop is open: on the ground.
    @_noAllocation
    mutating func rest(rate: Vector3, seconds: Float) {
        _ = filter(rate, seconds)
        integral = .zero
    }

    /// - Returns: the filtered angular acceleration, rad/s².
    @_noAllocation
    private mutating func filter(_ rate: Vector3, _ seconds: Float) -> Vector3 {
        let slope = (rate - filtered) * (Self.cutoff / (1 + Self.cutoff * seconds))
        filtered += slope * seconds
        return slope
    }
}

extension Vector3 {
    /// Each component limited to ± that of `limits`.
    @_noAllocation
    func clamped(by limits: Vector3) -> Vector3 {
        Vector3(clamp(x, -limits.x, limits.x), clamp(y, -limits.y, limits.y), clamp(z, -limits.z, limits.z))
    }
}
