/// The BMP280's calibration words and its data sheet's compensation, forwards and backwards
/// (BST-BMP280-DS001 rev. 1.26, 3.11.3 and 8.1).
package struct BMP280Calibration: Sendable {
    package var t1: UInt16 = 27504
    package var t2: Int16 = 26435
    package var t3: Int16 = -1000
    package var p1: UInt16 = 36477
    package var p2: Int16 = -10685
    package var p3: Int16 = 3024
    package var p4: Int16 = 2855
    package var p5: Int16 = 140
    package var p6: Int16 = -7
    package var p7: Int16 = 15500
    package var p8: Int16 = -14600
    package var p9: Int16 = 6000

    /// The data sheet's example set (3.12).
    package init() {}

    /// The words as they stand in registers 0x88 to 0x9F, little-endian.
    package var bytes: [UInt8] {
        let words: [UInt16] = [
            t1, .init(bitPattern: t2), .init(bitPattern: t3), p1, .init(bitPattern: p2), .init(bitPattern: p3),
            .init(bitPattern: p4), .init(bitPattern: p5), .init(bitPattern: p6), .init(bitPattern: p7),
            .init(bitPattern: p8), .init(bitPattern: p9),
        ]
        return words.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    }

    /// "Fine" temperature of a raw one; over 5120 it is degrees Celsius.
    package func fineTemperature(raw: Double) -> Double {
        let x = raw / 16384 - Double(t1) / 1024
        let y = raw / 131_072 - Double(t1) / 8192
        return x * Double(t2) + y * y * Double(t3)
    }

    /// Pa of a raw pressure.
    package func pressure(raw: Double, fine: Double) -> Double {
        let (offset, slope) = pressureLine(fine: fine)
        let p = (1_048_576 - raw - offset) * 6250 / slope
        return p + (Double(p9) * p * p / 2_147_483_648 + p * Double(p8) / 32768 + Double(p7)) / 16
    }

    /// The raw temperature that reads as `temperature` degrees Celsius: the quadratic solved by Newton.
    package func rawTemperature(_ temperature: Double) -> Double {
        let target = temperature * 5120
        var x = target / Double(t2)
        for _ in 0..<4 {
            let value = x * Double(t2) + x * x / 64 * Double(t3) - target
            x -= value / (Double(t2) + x / 32 * Double(t3))
        }
        return (x + Double(t1) / 1024) * 16384
    }

    /// The raw pressure that reads as `pressure` Pa at this fine temperature.
    package func rawPressure(_ pressure: Double, fine: Double) -> Double {
        var p = pressure
        for _ in 0..<4 {
            let value =
                p + (Double(p9) * p * p / 2_147_483_648 + p * Double(p8) / 32768 + Double(p7)) / 16 - pressure
            p -= value / (1 + (Double(p9) * p / 1_073_741_824 + Double(p8) / 32768) / 16)
        }
        let (offset, slope) = pressureLine(fine: fine)
        return 1_048_576 - (p * slope / 6250 + offset)
    }

    private func pressureLine(fine: Double) -> (offset: Double, slope: Double) {
        let half = fine / 2 - 64000
        var offset = half * half * Double(p6) / 32768
        offset += half * Double(p5) * 2
        offset = offset / 4 + Double(p4) * 65536
        let bend = (Double(p3) * half * half / 524_288 + Double(p2) * half) / 524_288
        return (offset / 4096, (1 + bend / 32768) * Double(p1))
    }
}
