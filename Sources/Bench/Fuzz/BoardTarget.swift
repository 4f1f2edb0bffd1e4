import CContract
import CPlatform
import Contract
import FlightCore
import FoundationEssentials

/// The compiled board file, into what the core makes of it before it flies.
final class BoardTarget: FuzzTarget {
    private let folder: URL
    private var path: String { folder.path + "/board.bin" }

    init() {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(UUID().uuidString)")
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func valid(_: inout Mutation) -> [UInt8] { bytes(BenchBoard.make()) }

    private func bytes(_ board: da_board) -> [UInt8] {
        var board = board
        board.checksum = BoardImage.checksum(board)
        return withUnsafeBytes(of: board) { Array($0) }
    }

    func repaired(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= MemoryLayout<da_board>.size else { return bytes }
        var board = da_board()
        withUnsafeMutableBytes(of: &board) { $0.copyBytes(from: bytes.prefix(MemoryLayout<da_board>.size)) }
        return self.bytes(board)
    }

    func feed(_ bytes: [UInt8]) -> String? {
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
            return "The file \(path) cannot be written."
        }
        let board: da_board
        do { board = try BoardImage.read(path) } catch {
            return isSentence(error.description) ? nil : "A refusal is no sentence: '\(error.description)'."
        }
        var arbiter = Arbiter(board, lastEpoch: 0, reservedEpoch: 8)
        arbiter.passBoundary(to: 1, at: 2_000_000, airborne: false)
        let load = BusBudget(board).load
        let modes = FlightModes(board)
        return modes.mode == .disarmed && !(load < 0)
            ? nil : "A board makes a core that begins armed or a load below 0."
    }
}
