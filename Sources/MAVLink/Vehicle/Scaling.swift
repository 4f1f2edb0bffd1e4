// From SI units to MAVLink's scaled integers. Each is limited to what its type holds, for a conversion that does not fit
// ends the program; what is not a number becomes the value that says "not known".

/// mV; 65535: not known.
func millivolts(_ volts: Float) -> UInt16 { scaled(volts, by: 1000, in: 0...65534, else: UInt16.max) }

/// cA; -1: not known.
func centiamperes(_ amperes: Float?) -> Int16 { scaled(amperes ?? .nan, by: 100, in: 0...32767, else: -1) }

/// Tenths of a percent of 1.
func permille(_ part: Float) -> UInt16 { scaled(part, by: 1000, in: 0...1000, else: 0) }

/// Whole percent of 1.
func percent(_ part: Float) -> UInt16 { scaled(part, by: 100, in: 0...100, else: 0) }

/// us of a pulse as they are by custom: 1000 at rest, 2000 at full thrust. 0: there is no such output.
func pulse(_ command: Float?) -> UInt16 {
    scaled(1 + min(max(command ?? .nan, 0), 1), by: 1000, in: 1000...2000, else: 0)
}

/// Whole degrees, 0 to 359, clockwise.
func degrees(heading radians: Float) -> Int16 {
    guard radians.isFinite else { return 0 }
    let turned = (radians * 180 / .pi).truncatingRemainder(dividingBy: 360)
    return Int16((turned < 0 ? turned + 360 : turned).rounded()) % 360
}

private func scaled<Value: FixedWidthInteger>(
    _ value: Float, by factor: Float, in range: ClosedRange<Float>, else unknown: Value
) -> Value {
    guard value.isFinite else { return unknown }
    return Value(min(max((value * factor).rounded(), range.lowerBound), range.upperBound))
}
