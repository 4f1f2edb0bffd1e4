import CContract
import CPlatform
import Contract
import Foundation
import Testing

@Suite("A controller in Python, written from the wire contract's page alone", .serialized)
struct PythonFlightTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Contract/python_controller.py").path

    /// A Python that has pyzmq: the set-up's own, or the system's.
    private static let python: String? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let candidates = [root.appending(path: ".build-venv/bin/python").path, "/usr/bin/python3"]
        return candidates.first { (try? start($0, ["-c", "import zmq"]))?.hasEndedWell ?? false }
    }()

    private static func start(_ program: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        try process.run()
        return process
    }

    @Test("It takes off, flies the manoeuvres and lands, in gusts", .enabled(if: python != nil))
    func flies() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "flight-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let listener = da_packet_listen(directory.appending(path: "tick.sock").path, 1)
        try #require(listener >= 0)
        defer { _ = da_close(listener) }
        let process = try Self.start(#require(Self.python), [Self.script, directory.path])
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

        let flyer = try #require(SocketFlyer(listener: listener))
        #expect(text(flyer.hello.name) == "python")
        var rig = Rig([flyer], seed: 1)
        rig.run()
        #expect(flyer.silences == 0)
        let flight = Verdict(rig.trace)
        #expect(flight.isSafe, "\(flight)")

        process.terminate()
        #expect(process.hasEndedWell)
        let log = try Data(contentsOf: directory.appending(path: "commands.log"))
        #expect(log.count == rig.trace.count * MemoryLayout<da_command_record>.size)
    }
}

extension Process {
    /// Ends with status 0 within 10 s.
    fileprivate var hasEndedWell: Bool {
        let deadline = da_now() + 10_000_000_000
        while isRunning && da_now() < deadline { da_sleep_until(da_now() + 10_000_000) }
        return !isRunning && terminationStatus == 0
    }
}
