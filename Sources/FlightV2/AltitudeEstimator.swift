internal import Contract
internal import FlightKit

/// Height and climb: a damped pole pair on barometer and accelerometer, and a slow pole for the bias.
///
/// The bytes are those of version 1's filter (schema 1), the gains are others.
struct AltitudeEstimator: ChannelLayout {
    /// m above the datum, up.
    var height: Float = 0
    /// m/s, up.
    var climb: Float = 0
    /// m/s², up; what the accelerometer reads too much.
    var bias: Float = 0
    /// s since the last fresh pressure.
    var sinceBarometer: Float = 0

    /// rad/s and dimensionless: the pair that ties height to the barometer.
    private static var pair: Float { 1.1 }
    private static var damping: Float { 0.75 }
    /// rad/s: the bias of an accelerometer drifts over minutes.
    private static var slow: Float { 0.3 }
    /// m/s²; a bias beyond it is no bias.
    private static var biasLimit: Float { 2 }
    /// A barometer that was silent for longer corrects no more than for this time, s.
    private static var longestSilence: Float { 0.2 }

    var isSane: Bool {
        abs(height) < 10_000 && abs(climb) < 100 && abs(bias) <= Self.biasLimit && abs(sinceBarometer) < 1e6
    }

    /// Takes in a sample.
    ///
    /// - Parameters:
    ///   - acceleration: m/s², up, gravity taken out.
    ///   - measured: m above the datum, if the pressure is fresh.
    ///   - seconds: since the last sample.
    @_noAllocation
    mutating func update(acceleration: Float, measured: Float?, seconds: Float) {
        let before = climb
        climb += (acceleration - bias) * seconds
        height += (before + climb) * (seconds / 2)
        sinceBarometer = min(sinceBarometer + seconds, Self.longestSilence)
        guard let measured else { return }
        let error = clamp(measured - height, -10, 10) * sinceBarometer
        // (s² + 2ζω s + ω²)(s + p), coefficient by coefficient.
        let twice = 2 * Self.damping * Self.pair
        let square = Self.pair * Self.pair
        height += (twice + Self.slow) * error
        climb += (square + twice * Self.slow) * error
        bias = clamp(bias - square * Self.slow * error, -Self.biasLimit, Self.biasLimit)
        sinceBarometer = 0
    }

    /// Stands on the datum: all that the accelerometer reads is bias.
    @_noAllocation
    mutating func stand(acceleration: Float, seconds: Float) {
        height = 0
        climb = 0
        sinceBarometer = 0
        bias = clamp(bias + (acceleration - bias) * seconds, -Self.biasLimit, Self.biasLimit)
    }
}
