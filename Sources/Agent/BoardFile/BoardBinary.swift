package import CContract
internal import Contract

extension da_board {
    private var expectedChecksum: UInt32 {
        var copy = self
        copy.checksum = 0
        return withUnsafePointer(to: copy) { da_crc32c($0, UInt64(MemoryLayout<da_board>.size)) }
    }

    /// With magic, version, size and checksum filled in.
    package func sealed() -> da_board {
        var board = self
        board.magic = UInt32(DA_BOARD_MAGIC)
        board.version = UInt32(DA_BOARD_VERSION)
        board.size = UInt32(MemoryLayout<da_board>.size)
        board.checksum = board.expectedChecksum
        return board
    }

    /// What `board.bin` holds.
    package var binary: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }

    /// Reads what `binary` wrote; `name` is what errors call the file.
    ///
    /// - Throws: `Fault` for another size, magic, version or checksum.
    package init(binary: [UInt8], name: String) throws(Fault) {
        self.init()
        guard binary.count == MemoryLayout<da_board>.size else {
            throw Fault(
                "\(name) has \(binary.count) bytes instead of \(MemoryLayout<da_board>.size); compile the board file again."
            )
        }
        withUnsafeMutableBytes(of: &self) { $0.copyBytes(from: binary) }
        guard magic == UInt32(DA_BOARD_MAGIC) else {
            throw Fault("\(name) is no compiled board; make it by 'droneagent board compile'.")
        }
        guard version == UInt32(DA_BOARD_VERSION) else {
            throw Fault(
                "\(name) has version \(version), this program reads \(DA_BOARD_VERSION); compile the board file again.")
        }
        guard checksum == expectedChecksum else {
            throw Fault("\(name) is damaged: its checksum does not match; compile the board file again.")
        }
    }
}
