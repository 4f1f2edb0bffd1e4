internal import Contract
internal import FlightKit

/// Body rates to angular acceleration: PI with feed-forward, and a derivative from a second-order filter.
///
/// Schema 2: version 1 had a first-order filter, whose state is another thing. Its integral means the same.
struct RateLoop: ChannelLayout {
    /// rad/s², body: the steady acceleration that it takes to hold a rate.
    var integral = Vector3.zero
    /// rad/s and rad/s², body: the gyro behind the low pass, and its slope.
    var filtered = Vector3.zero
    var slope = Vector3.zero

    /// 1/s; yaw has a tenth of the torque.
    private static var proportional: Vector3 { Vector3(20, 20, 6) }
    /// 1/s².
    private static var integrating: Vector3 { Vector3(16, 16, 2.5) }
    /// Dimensionless: share of the measured angular acceleration that is taken off.
    private static var derivative: Vector3 { Vector3(0.25, 0.25, 0) }
    /// Dimensionless: Butterworth.
    private static var damping: Float { 0.707 }
    /// Dimensionless: share of the model's acceleration that is fed forward; the rest is the rotors' lag.
    private static var forward: Float { 0.9 }
    /// rad/s: twice what holding an attitude in gusts takes.
    private static var calmRate: Float { 0.5 }
    /// rad/s²: a frame out of balance by a tenth of a motor's thrust, and room.
    private static var integralLimit: Vector3 { Vector3(15, 15, 2) }
    /// rad/s²: what the motors can do from hover.
    private static var limit: Vector3 { Vector3(130, 130, 6) }

    var isSane: Bool {
        integral.isFinite && filtered.isFinite && slope.isFinite && integral.norm < 100 && filtered.norm < 100
            && slope.norm < 1e5
    }

    /// Schema 1 was: integral, gyro behind a first-order low pass; 6 floats.
    ///
    /// The integral is taken over. The filter sees nothing but samples, so this controller's own is as warm.
    ///
    /// - Returns: whether the bytes were schema 1.
    @_noAllocation
    static func migrate(_ loop: inout RateLoop, schema: UInt16, bytes: UnsafeRawBufferPointer) -> Bool {
        guard schema == 1, bytes.count == 24 else { return false }
        loop.integral = Vector3(
            bytes.loadUnaligned(fromByteOffset: 0, as: Float.self),
            bytes.loadUnaligned(fromByteOffset: 4, as: Float.self),
            bytes.loadUnaligned(fromByteOffset: 8, as: Float.self))
        return true
    }

    /// The angular acceleration (rad/s², body) that brings `rate` to `wanted` (rad/s, body), where `ahead`
    /// (rad/s²) is the model's. `cutoff` of the derivative in rad/s.
    @_noAllocation
    mutating func update(
        wanted: Vector3, ahead: Vector3, rate: Vector3, cutoff: Float, seconds: Float, integrates: Bool
    ) -> Vector3 {
        filter(rate, cutoff, seconds)
        let error = wanted - filtered
        if integrates {
            let calm = Vector3(calmness(wanted.x), calmness(wanted.y), 1)
            let growth = error.scaled(by: calm).scaled(by: Self.integrating) * seconds
            integral = (integral + growth).clamped(by: Self.integralLimit)
        }
        let brake = (slope - ahead).scaled(by: Self.derivative)
        let wish = error.scaled(by: Self.proportional) + integral + ahead * Self.forward - brake
        return wish.clamped(by: Self.limit)
    }

    /// A vehicle that is told to turn fast lags behind for other reasons than imbalance: nothing is learnt then.
    @_noAllocation
    private func calmness(_ wanted: Float) -> Float { clamp(1 - abs(wanted) / Self.calmRate, 0, 1) }

    /// Keeps the filter warm while the loop is open: on the ground.
    @_noAllocation
    mutating func rest(rate: Vector3, cutoff: Float, seconds: Float) {
        filter(rate, cutoff, seconds)
        integral = .zero
    }

    /// y'' = ω²(x - y) - 2ζω y', by semi-implicit steps short enough for 50 Hz at 250 samples a second.
    @_noAllocation
    private mutating func filter(_ rate: Vector3, _ cutoff: Float, _ seconds: Float) {
        let steps = 4
        let step = min(seconds, 0.004) / Float(steps)
        for _ in 0..<steps {
            slope += ((rate - filtered) * cutoff - slope * (2 * Self.damping)) * (cutoff * step)
            filtered += slope * step
        }
    }
}

extension Vector3 {
    /// Each component limited to ± that of `limits`.
    @_noAllocation
    func clamped(by limits: Vector3) -> Vector3 {
        Vector3(clamp(x, -limits.x, limits.x), clamp(y, -limits.y, limits.y), clamp(z, -limits.z, limits.z))
    }
}
