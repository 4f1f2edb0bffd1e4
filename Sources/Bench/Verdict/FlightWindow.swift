package import Simulator

/// When the vehicle was really in the air, from the truth and not from anybody's word.
package enum FlightWindow {
    /// m: above this it flies; below, the ground holds it.
    private static let height = 0.3

    /// From the first to the last moment in the air, ns; nil if it never flew.
    package static func airborne(_ truth: [TruthRecord]) -> Range<UInt64>? {
        guard let first = truth.first(where: { $0.truth.altitude > height }),
            let last = truth.last(where: { $0.truth.altitude > height }), first.truth.time < last.truth.time
        else { return nil }
        return first.truth.time..<last.truth.time
    }
}
