import Contract
import Glibc
import Testing

@Suite struct BarometryTests {
    @Test func heightIsThatOfTheHypsometricEquation() {
        for pressure in stride(from: 89_000, through: 103_000, by: 500) {
            let exact = 287.05 / 9.806_65 * 288.15 * Glibc.log(100_650 / Double(pressure))
            let got = Double(pressureHeight(Float(pressure), datum: 100_650, temperature: 15))
            // Float carries seven digits.
            #expect(abs(got - exact) < 0.01)
        }
        #expect(pressureHeight(100_650, datum: 100_650, temperature: 15) == 0)
        // About 8.4 m a hPa.
        #expect(abs(pressureHeight(100_550, datum: 100_650, temperature: 15) - 8.4) < 0.1)
    }

    @Test func nonsenseIsNoHeight() {
        for value in [Float.nan, 0, -1, 1000] {
            #expect(pressureHeight(value, datum: 100_000, temperature: 15) == 0)
            #expect(pressureHeight(100_000, datum: value, temperature: 15) == 0)
        }
        #expect(pressureHeight(99_000, datum: 100_000, temperature: .nan).isFinite)
        #expect(pressureHeight(99_000, datum: 100_000, temperature: .infinity).isFinite)
    }
}
