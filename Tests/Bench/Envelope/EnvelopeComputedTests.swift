import Bench
import Rehearsal
import Testing

/// A coarse part of what `flightbench envelope` computes in full.
@Suite struct EnvelopeComputedTests {
    @Test func theLimitsInUseLieInside() async {
        let envelope = await Envelope(vehicles: Array(VehicleVariant.all.prefix(2)), every: 100)
        #expect(envelope.axes.map(\.name) == ["tilt", "body rates", "descent"])
        for axis in envelope.axes {
            #expect(axis.rows.contains { abs($0.value - axis.used) < 1e-3 && $0.recovered > 60 }, "\(axis.name)")
        }
        #expect(envelope.holds, "\(envelope.text)")
    }

    /// Beyond the limits in use there are states from which not all recover: the tool can tell.
    @Test func whatIsTooWideIsOutside() async {
        var axis = Envelope.Axis(name: "body rates", unit: "°/s", scale: 1, used: 3, rows: [])
        axis.rows = (1...5).map { value in
            var row = Envelope.Row(value: Double(value), recovered: 10)
            row.lost = value == 4 ? 1 : 0
            return row
        }
        #expect(axis.computed == 3 && axis.holds)
        axis.used = 4
        #expect(!axis.holds)
        axis.rows[1].height = Envelope.heightMax + 0.1
        #expect(axis.computed == 1)
        axis.rows[0].recovered = 0
        #expect(axis.computed == nil && !axis.holds, "what was never tried holds nothing")
    }

    @Test func aFarTooWideRateIsLost() async {
        let vehicles = [VehicleVariant.all[1]]
        let row = await Envelope.row(rate: 1000, vehicles: vehicles)
        #expect(row.lost > 0 && !row.holds, "\(row)")
    }
}
