import Contract
import Shadow
import Testing

@Suite struct GainMeterTests {
    /// Four seconds in which the owner sways by `size` on all axes about a trim, and the shadow answers `gain` times.
    private func meter(gain: Float, size: Float = 20, trim: Float = 0) -> GainMeter {
        var meter = GainMeter()
        for tick in 0..<2000 {
            let sway = size * sine(Float(tick % 250) / 250 * 2 * Float.pi - Float.pi)
            let owner = Effects(repeating: 5 + sway)
            let shadow = Effects(repeating: trim + gain * sway)
            meter.take(shadow: shadow, owner: owner, isFree: true, weight: 0.002)
        }
        return meter
    }

    @Test(arguments: [1, -1, 2, 0.5, 0] as [Float]) func itTellsSignAndSize(gain: Float) {
        for trim in [0, 50] as [Float] {
            let meter = meter(gain: gain, trim: trim)
            #expect(meter.excited == 15)
            for axis in 0..<4 { #expect(abs(meter.gain[axis] - gain) < 0.02) }
        }
    }

    @Test func whereNothingMovesNothingIsTold() {
        let meter = meter(gain: -1, size: 0.1)
        #expect(meter.excited == 0)
        for axis in 0..<4 { #expect(meter.gain[axis] == 0) }
        #expect(GainMeter().excited == 0)
    }

    /// The gyro's noise, which one controller filters and the other does not, is no movement.
    @Test func noiseIsNoMovement() {
        var meter = GainMeter()
        for tick in 0..<2000 {
            let noise: Float = tick % 2 == 0 ? 4 : -4
            meter.take(shadow: Effects(repeating: 0), owner: Effects(repeating: noise), isFree: true, weight: 0.002)
        }
        #expect(meter.excited & 3 == 0)
    }

    @Test func whatIsFarOffStaysFinite() {
        let meter = meter(gain: 1e6, size: 1e6)
        for axis in 0..<4 { #expect(meter.gain[axis].isFinite) }
    }

    /// A mixer that gives up yaw says nothing about its controller, in saturation and until the smoothing forgot it.
    @Test func yawWithAMotorAtItsEndIsLeftOut() {
        var meter = GainMeter()
        for tick in 0..<2000 {
            let sway = 20 * sine(Float(tick % 250) / 250 * 2 * Float.pi - Float.pi)
            let isFree = tick % 1000 < 700
            meter.take(
                shadow: Effects(repeating: isFree ? sway : -sway), owner: Effects(repeating: sway), isFree: isFree,
                weight: 0.002)
        }
        #expect(meter.excited == 15)
        #expect(meter.gain[2] > 0.8 && meter.gain[0] < 0.5)
    }

    @Test func whereAMotorIsAlwaysAtItsEndYawIsNotTold() {
        var meter = GainMeter()
        for tick in 0..<2000 {
            let sway = 20 * sine(Float(tick % 250) / 250 * 2 * Float.pi - Float.pi)
            meter.take(
                shadow: Effects(repeating: sway), owner: Effects(repeating: sway), isFree: false, weight: 0.002)
        }
        #expect(meter.excited == 0b1011)
    }

    /// It begins at the peak of a gust: one tick there is not where the mean lies, nor a movement.
    @Test func itsFirstTickIsNoMean() {
        var meter = GainMeter()
        for tick in 0..<500 {
            meter.take(
                shadow: Effects(repeating: 0), owner: Effects(repeating: tick < 1 ? 3 : 0), isFree: true, weight: 0.002)
        }
        #expect(meter.excited == 0)
    }

    @Test(arguments: [(0.05, false), (0.5, true), (1, false), (.nan, false)] as [(Float, Bool)])
    func aMotorIsFreeBetweenItsEnds(motor: Float, isFree: Bool) {
        #expect(GainMeter.isFree([0.5, 0.5, 0.5, motor], idle: 0.05) == isFree)
    }
}
