import Contract
import FlightCore
import Testing

@Suite struct GainMeterTests {
    /// Four seconds in which the owner sways by `size` on all axes about a trim, and the shadow answers `gain` times.
    private func meter(gain: Float, size: Float = 20, trim: Float = 0) -> GainMeter {
        var meter = GainMeter()
        for tick in 0..<2000 {
            let sway = size * sine(Float(tick % 250) / 250 * 2 * Float.pi - Float.pi)
            let owner = Effects(repeating: 5 + sway)
            let shadow = Effects(repeating: trim + gain * sway)
            meter.take(shadow: shadow, owner: owner, weight: 0.002)
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
            meter.take(shadow: Effects(repeating: 0), owner: Effects(repeating: noise), weight: 0.002)
        }
        #expect(meter.excited & 3 == 0)
    }

    @Test func whatIsFarOffStaysFinite() {
        let meter = meter(gain: 1e6, size: 1e6)
        for axis in 0..<4 { #expect(meter.gain[axis].isFinite) }
    }
}
