internal import Contract
internal import FlightKit

/// Height and climb from barometer and accelerometer: a third-order complementary filter.
///
/// The accelerometer is integrated twice; each fresh pressure corrects height, climb and the accelerometer's
/// bias with the gains of a triple pole.
struct AltitudeEstimator: ChannelLayout {
    /// m above the datum, up.
    var height: Float = 0
    /// m/s, up.
    var climb: Float = 0
    /// m/s², up; what the accelerometer reads too much.
    var bias: Float = 0
    /// s since the last fresh pressure.
    var sinceBarometer: Float = 0

    /// The triple pole, rad/s: below it the barometer is believed (0.1 to 0.2 m of noise), above it the
    /// accelerometer (bias of some 0.1 m/s²).
    private static var pole: Float { 0.9 }
    /// m/s²; a bias beyond it is no bias.
    private static var biasLimit: Float { 2 }
    /// How fast the bias is learnt while the vehicle stands, 1/s.
    private static var learningStanding: Float { 1 }
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
        let net = acceleration - bias
        height += climb * seconds + net * (seconds * seconds / 2)
        climb += net * seconds
        sinceBarometer = min(sinceBarometer + seconds, Self.longestSilence)
        guard let measured else { return }
        let error = clamp(measured - height, -10, 10) * sinceBarometer
        let pole = Self.pole
        height += 3 * pole * error
        climb += 3 * pole * pole * error
        bias = clamp(bias - pole * pole * pole * error, -Self.biasLimit, Self.biasLimit)
        sinceBarometer = 0
    }

    /// Stands on the datum: height and climb are known, so all that the accelerometer reads is bias.
    @_noAllocation
    mutating func stand(acceleration: Float, seconds: Float) {
        height = 0
        climb = 0
        sinceBarometer = 0
        bias += (acceleration - bias) * clamp(Self.learningStanding * seconds, 0, 1)
        bias = clamp(bias, -Self.biasLimit, Self.biasLimit)
    }
}
