import Agent
import CContract
import CLI
import FoundationEssentials
import Testing

@Suite("board compile and board show")
struct BoardVerbTests {
    private let boards = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Board").path

    private func temporary() -> String { "\(FileManager.default.temporaryDirectory.path)/da-\(UUID().uuidString)" }

    @Test(
        "A shipped board file compiles to what the core reads",
        arguments: ["bench.yaml", "pi3.yaml", "pi4.yaml", "pi5.yaml", "zero2.yaml"])
    func compile(_ name: String) async throws {
        let out = temporary()
        defer { try? FileManager.default.removeItem(atPath: out) }
        #expect(await DroneAgent.launch(["board", "compile", "\(boards)/\(name)", "-o", out]) == 0)
        let bytes = Array(try Data(contentsOf: URL(filePath: out)))
        #expect(try da_board(binary: bytes, name: name).magic == UInt32(DA_BOARD_MAGIC))
        #expect(await DroneAgent.launch(["board", "show", out]) == 0)
        #expect(await DroneAgent.launch(["board", "show", "\(boards)/\(name)"]) == 0)
    }

    @Test("What is no board is refused and nothing is written") func refused() async throws {
        let out = temporary()
        let file = temporary()
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data("format: 1\nwings: 2\n".utf8).write(to: URL(filePath: file))
        #expect(await DroneAgent.launch(["board", "compile", file, "-o", out]) == 2)
        #expect(await DroneAgent.launch(["board", "compile", out, "-o", out]) == 2)
        #expect(await DroneAgent.launch(["board", "compile", "\(boards)/bench.yaml", "-o", "\(out)/no/folder"]) == 2)
        #expect(!FileManager.default.fileExists(atPath: out))
    }
}
