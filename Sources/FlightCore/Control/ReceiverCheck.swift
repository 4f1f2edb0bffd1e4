import CBoard
import CContract
import CPlatform
import Contract

/// Listens to the receiver's line for a moment and says what it hears.
enum ReceiverCheck {
    /// ns: thirteen frames of the slowest sets.
    private static let time: UInt64 = 300_000_000
    /// ns between two looks, as a tick's: no edge is lost.
    private static let pause: UInt64 = 2_000_000
    /// Frames from which on it is no accident.
    private static let framesMin: UInt64 = 5

    static func look(_ board: da_board, _ edges: da_edges) -> BoardCheck.Finding {
        var decoder = PPMDecoder()
        var link = ReceiverLink(board)
        var newest = PPMFrame()
        var failed: Int32 = 0
        let end = da_now() + time
        while da_now() < end {
            var times = InlineArray<16, UInt64>(repeating: 0)
            let count = edges.take(&times)
            if count < 0 { failed = count }
            for index in 0..<min(max(0, Int(count)), times.count) {
                if case .frame(let frame) = decoder.take(times[index]) {
                    newest = frame
                    link.take(frame, now: da_now())
                }
            }
            da_sleep_until(da_now() + pause)
        }
        return finding(board, decoder.counts, newest, link, failed)
    }

    private static func finding(
        _ board: da_board, _ counts: PPMDecoder.Counts, _ newest: PPMFrame, _ link: ReceiverLink, _ failed: Int32
    ) -> BoardCheck.Finding {
        func says(_ state: BoardCheck.State, _ sentence: String) -> BoardCheck.Finding {
            BoardCheck.Finding(state: state, subject: "receiver", sentence: sentence)
        }
        let line = "line \(board.receiver.offset)"
        if failed < 0 {
            return says(
                .fault,
                "Its \(line) cannot be read (\(reason(failed))); see gpioinfo and the board file's receiver part.")
        }
        // A transmitter may be off on purpose, and the control socket flies without it.
        if counts.edges == 0 {
            return says(
                .warning,
                "Nothing comes on \(line); switch the transmitter on, and look at the receiver's wiring and power.")
        }
        if counts.frames < framesMin {
            return says(
                .fault,
                "\(counts.edges) edges came on \(line) but only \(counts.frames) PPM-sum frames; set the receiver to PPM-sum, and try the other receiver.edge."
            )
        }
        if link.untimely == counts.frames {
            return says(
                .fault,
                "The edges' time stamps are of another clock than the core's; a kernel since Linux 5.7 is needed.")
        }
        let map = StickMap(board)
        if map.isFailsafe(newest) {
            return says(.warning, "The receiver says that it has lost its transmitter; switch that on.")
        }
        guard let wanted = map.setpoint(newest) else {
            return says(
                .fault,
                "Its frames have \(newest.count) channels, but receiver.channels or receiver.failsafe names a higher one; correct the board file."
            )
        }
        let sticks = [
            ("roll", wanted.roll / board.vehicle.tilt_limit), ("pitch", wanted.pitch / board.vehicle.tilt_limit),
            ("climb", wanted.climb / board.climb_max), ("yaw", wanted.yaw_rate / StickMap.yawRate),
        ].map { "\($0) \(Int(clamp($1 * 100, -100, 100).rounded())) %" }.joined(separator: ", ")
        return says(.ok, "\(counts.frames) frames of \(newest.count) channels came on \(line): \(sticks).")
    }
}
