internal import Agent
internal import CContract
internal import FoundationEssentials

/// Reads a board from a file, written by a person or compiled.
enum BoardReader {
    /// - Throws: `CommandFailure` that names the file and what is wrong in it.
    static func compile(_ path: String) throws(CommandFailure) -> da_board {
        try read(path) { bytes, name throws(Fault) in try compile(bytes, name) }
    }

    /// A board file, or what `board compile` made of one.
    ///
    /// - Throws: as `compile`.
    static func show(_ path: String) throws(CommandFailure) -> da_board {
        try read(path) { bytes, name throws(Fault) in
            let magic = withUnsafeBytes(of: UInt32(DA_BOARD_MAGIC).littleEndian, Array.init)
            return bytes.starts(with: magic) ? try da_board(binary: bytes, name: name) : try compile(bytes, name)
        }
    }

    private static func compile(_ bytes: [UInt8], _ name: String) throws(Fault) -> da_board {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault("\(name) is no text in UTF-8; give a board file.")
        }
        return try BoardFile.compile(text, name: name)
    }

    private static func read(
        _ path: String, _ parse: ([UInt8], String) throws(Fault) -> da_board
    ) throws(CommandFailure) -> da_board {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw CommandFailure(.refused, "\(path) cannot be read; check its name and its permissions.")
        }
        do throws(Fault) {
            return try parse(bytes, path)
        } catch {
            throw CommandFailure(.refused, error.sentence)
        }
    }
}
