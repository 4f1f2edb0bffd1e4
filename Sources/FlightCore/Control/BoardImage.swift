package import CContract
import CPlatform

/// Reads the compiled board file.
package enum BoardImage {
    /// - Throws: `CoreFault` when the file is absent, short, of another version or damaged.
    package static func read(_ path: String) throws(CoreFault) -> da_board {
        var board = da_board()
        let size = MemoryLayout<da_board>.size
        let got = da_file_read(path, &board, UInt64(size))
        guard got >= 0 else {
            throw CoreFault(
                "The compiled board file \(path) cannot be read: \(reason(Int32(got))); make it with 'droneagent board compile'."
            )
        }
        guard got >= 16, board.magic == UInt32(DA_BOARD_MAGIC) else {
            throw CoreFault(
                "\(path) is no compiled board file (\(got) bytes); make it with 'droneagent board compile'.")
        }
        guard board.version == UInt32(DA_BOARD_VERSION), board.size == UInt32(size) else {
            throw CoreFault(
                "\(path) has board version \(board.version), this core reads \(DA_BOARD_VERSION); compile the board file anew."
            )
        }
        guard got == size, checksum(board) == board.checksum else {
            throw CoreFault("\(path) is damaged: its size or its checksum is wrong; compile the board file anew.")
        }
        let channels = [board.motor_channel.0, board.motor_channel.1, board.motor_channel.2, board.motor_channel.3]
        let first = channels.min() ?? 0
        guard first <= 12, channels.sorted() == (0..<4).map({ first + $0 }) else {
            throw CoreFault("\(path) has motors on channels \(channels); they must be four neighbours, each once.")
        }
        guard [250, 400, 500, 1000].contains(board.tick_rate) else {
            throw CoreFault("\(path) has a tick rate of \(board.tick_rate) Hz; it must be 250, 400, 500 or 1000.")
        }
        guard board.receiver.offset < 0 || isUsable(board.receiver) else {
            throw CoreFault(
                "\(path) has a receiver with a channel or a range that is none; compile the board file anew.")
        }
        return board
    }

    /// Channels 1 to 12, each stick its own; widths that ascend, beyond the deadband.
    private static func isUsable(_ receiver: da_board_receiver) -> Bool {
        let channels = [receiver.channel.0, receiver.channel.1, receiver.channel.2, receiver.channel.3]
        let last = UInt8(DA_PPM_CHANNELS)
        let (least, centre, most) = receiver.range
        return Set(channels).count == channels.count && channels.allSatisfy { (1...last).contains($0) }
            && receiver.failsafe_channel <= last && receiver.failsafe_below.isFinite && least > 0 && most.isFinite
            && receiver.deadband >= 0 && least + receiver.deadband < centre && centre + receiver.deadband < most
    }

    /// CRC-32C of the struct with its checksum 0.
    package static func checksum(_ board: da_board) -> UInt32 {
        var blank = board
        blank.checksum = 0
        return withUnsafeBytes(of: &blank) { bytes in
            bytes.baseAddress.map { da_crc32c($0, UInt64(bytes.count)) } ?? 0
        }
    }
}
