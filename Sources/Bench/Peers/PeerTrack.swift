import CContract
import Foundation
import Simulator

/// The flight around its replacement, for the picture: truth and motor commands as text.
enum PeerTrack {
    /// s before and behind the moment at which it was asked for.
    private static let before = 2.0
    private static let behind = 10.0
    /// One line a record of the truth: 100 Hz.
    private static let heading = "seconds,height_m,tilt_deg,motor_0,motor_1,motor_2,motor_3"

    /// - Throws: `BenchFault` when the file cannot be written.
    static func write(_ evidence: PeerJudge.Evidence, _ board: da_board, asked: UInt64, to path: String)
        throws(BenchFault)
    {
        var lines = [heading]
        var next = 0
        var motors = SIMD4<Double>.zero
        for record in evidence.truth {
            let now = record.truth
            while next < evidence.motors.count, evidence.motors[next].stop <= now.time {
                let write = evidence.motors[next]
                motors = write.commands(
                    pulseMin: Double(board.pulse_min), pulseMax: Double(board.pulse_max))
                next += 1
            }
            let seconds = (Double(now.time) - Double(asked)) / 1e9
            guard seconds >= -before, seconds <= behind else { continue }
            lines.append(
                String(
                    format: "%.3f,%.3f,%.1f,%.3f,%.3f,%.3f,%.3f", seconds, now.altitude, now.tilt * 180 / .pi,
                    motors[0], motors[1], motors[2], motors[3]))
            // What comes behind a crash is no flight.
            if now.crashed { break }
        }
        do {
            try lines.joined(separator: "\n").appending("\n").write(toFile: path, atomically: true, encoding: .utf8)
        } catch { throw BenchFault("\(path) cannot be written: \(error.localizedDescription)") }
    }
}
