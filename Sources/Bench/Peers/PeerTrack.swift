import Agent
import FoundationEssentials
import Simulator

/// The true flight from shortly before its replacement to its end, as text: for the picture.
enum PeerTrack {
    /// s before the moment at which it was asked for.
    private static let before = 3.0
    /// One line a record of the truth: 100 Hz. Speed is that over the ground.
    private static let heading = "seconds,height_m,tilt_deg,speed_mps"

    /// - Throws: `BenchFault` when the file cannot be written.
    static func write(_ truth: [TruthRecord], asked: UInt64, to path: String) throws(BenchFault) {
        var lines = [heading]
        for record in truth {
            let now = record.truth
            let seconds = (Double(now.time) - Double(asked)) / 1e9
            guard seconds >= -before else { continue }
            let speed = (now.velocity.x * now.velocity.x + now.velocity.y * now.velocity.y).squareRoot()
            lines.append(
                "\(decimal(seconds, 3)),\(decimal(now.altitude, 3)),\(decimal(now.tilt * 180 / .pi, 1)),\(decimal(speed))"
            )
            // What comes behind a crash is no flight.
            if now.crashed { break }
        }
        do {
            try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        } catch { throw BenchFault("\(path) cannot be written: \(fileReason(error))") }
    }
}
