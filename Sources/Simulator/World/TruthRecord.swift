internal import Airframe

/// The truth at one moment, as it goes to the truth log (100 Hz).
package struct TruthRecord: FixedRecord, Equatable {
    package static let magic: UInt32 = 0x4C54_4144  // "DATL"
    package static let version: UInt16 = 1
    package static let size = 96

    package var truth: Truth

    package init(_ truth: Truth) { self.truth = truth }

    package func encode(_ bytes: inout ByteWriter) {
        bytes.put(truth.time)
        bytes.put(truth.position)
        bytes.put(truth.velocity)
        bytes.put(truth.attitude.w)
        bytes.put(truth.attitude.x)
        bytes.put(truth.attitude.y)
        bytes.put(truth.attitude.z)
        bytes.put(truth.rate)
        for motor in 0..<4 { bytes.put(truth.rotorSpeed[motor]) }
        bytes.put(truth.wind)
        bytes.put(truth.batteryVoltage)
        bytes.put(UInt32((truth.onGround ? 1 : 0) | (truth.crashed ? 2 : 0)))
    }

    package init(_ bytes: inout ByteReader) {
        let time: UInt64 = bytes.take()
        let position = bytes.takeVector()
        let velocity = bytes.takeVector()
        let attitude = Attitude(
            w: bytes.takeFloat(), x: bytes.takeFloat(), y: bytes.takeFloat(), z: bytes.takeFloat())
        let rate = bytes.takeVector()
        let rotors = SIMD4(bytes.takeFloat(), bytes.takeFloat(), bytes.takeFloat(), bytes.takeFloat())
        let wind = bytes.takeVector()
        let voltage = bytes.takeFloat()
        let flags: UInt32 = bytes.take()
        truth = Truth(
            time: time, position: position, velocity: velocity, attitude: attitude, rate: rate, rotorSpeed: rotors,
            wind: wind, batteryVoltage: voltage, onGround: flags & 1 != 0,
            crash: flags & 2 != 0 ? .speed(0) : nil)
    }
}
