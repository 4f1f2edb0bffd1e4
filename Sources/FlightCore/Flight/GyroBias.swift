package import Contract

/// Measures the gyroscope's bias while the vehicle is still, before arming.
package struct GyroBias: BitwiseCopyable, Sendable {
    /// Largest spread of a rate within a window that still counts as still, rad/s: ten times the MPU-6050's noise
    /// of 0.07 °/s RMS at 188 Hz, and far below a hand that moves the vehicle.
    private static let stillSpread: Float = 0.035
    /// Largest bias, rad/s: the MPU-6050's zero-rate output is within ±20 °/s.
    private static let biasLimit: Float = 0.35

    /// rad/s, body; to be subtracted.
    package private(set) var bias = Vector3.zero
    package private(set) var isMeasured = false
    private let window: Int
    private var count = 0
    private var sum = Vector3.zero
    private var low = Vector3.zero
    private var high = Vector3.zero

    /// - Parameter tickRate: Hz; a window is one second.
    package init(tickRate: UInt32) { window = Int(max(1, tickRate)) }

    /// One rate of the disarmed vehicle, rad/s, body, bias included.
    @_noAllocation
    package mutating func take(_ rate: Vector3) {
        if count == 0 {
            low = rate
            high = rate
            sum = .zero
        }
        low = Vector3(lesser(low.x, rate.x), lesser(low.y, rate.y), lesser(low.z, rate.z))
        high = Vector3(greater(high.x, rate.x), greater(high.y, rate.y), greater(high.z, rate.z))
        sum += rate
        count &+= 1
        guard count >= window else { return }
        count = 0
        let spread = high - low
        guard spread.x <= Self.stillSpread, spread.y <= Self.stillSpread, spread.z <= Self.stillSpread else {
            isMeasured = false
            return
        }
        bias = (sum * (1 / Float(window))).clamped(Self.biasLimit)
        isMeasured = true
    }
}
