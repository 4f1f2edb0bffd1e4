package import CContract
internal import Contract
internal import FoundationEssentials

/// Looks at board and machine before a flight: each finding is one sentence that says what to do.
package struct Doctor: Sendable {
    private let directories: Directories
    private let engineSocket: String
    private let core: String
    private let machine: MachineCheck

    /// `core`: path of the program `flightcore`.
    package init(
        directories: Directories, engineSocket: String, core: String, machine: MachineCheck = MachineCheck()
    ) {
        self.directories = directories
        self.engineSocket = engineSocket
        self.core = core
        self.machine = machine
    }

    /// Gives each part's findings to `each` as they come; nil for `board`: there is none that could be read, as
    /// `boardFault` says.
    ///
    /// - Returns: whether none is a fault.
    package func look(
        at board: da_board?, boardFault: String? = nil, _ each: (Finding) -> Void
    ) async -> Bool {
        var isFit = true
        func take(_ findings: [Finding]) {
            for finding in findings {
                if finding.state == .fault { isFit = false }
                each(finding)
            }
        }
        if let board {
            take([Finding(.ok, "board file", "It is '\(text(board.name))', hash \(board.hashText).")])
            take(machine.findings(of: board))
            take(await lookWithCore(at: board))
        } else {
            take([Finding(.fault, "board file", boardFault ?? "There is no board file.")])
        }
        let (engineFindings, images) = await engine()
        take(engineFindings)
        take(machine.findings(state: directories.state, images: images))
        take([
            Finding(.ok, "signatures", "No key is set up: an image is what its digest says, whoever made it.")
        ])
        return isFit
    }

    private func lookWithCore(at board: da_board) async -> [Finding] {
        // Nobody else's: doctor may be root, and the folder above is everybody's.
        let folder = FileManager.default.temporaryDirectory.appending(path: "droneagent-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "board.bin").path
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            try Data(board.binary).write(to: URL(fileURLWithPath: file))
        } catch {
            return [
                Finding(.fault, "core", "The board for the check cannot be written to \(file) (\(fileReason(error))).")
            ]
        }
        return await CoreCheck(directories: directories, program: core, board: file, folder: folder).findings()
    }

    /// Also the folder in which the engine keeps images.
    private func engine() async -> ([Finding], String?) {
        let connections = Connections()
        let result = await ask(connections)
        await connections.shutdown()
        return result
    }

    private func ask(_ connections: Connections) async -> ([Finding], String?) {
        do throws(Fault) {
            let engine = try await Engine(socket: engineSocket, connections)
            let setUp = try await engine.setUp()
            let found = Finding(.ok, "engine", "The container engine at \(engineSocket) speaks API \(engine.version).")
            return ([found, keeping(setUp)].compactMap { $0 }, setUp.folder)
        } catch {
            return ([Finding(.fault, "engine", error.sentence)], nil)
        }
    }

    /// What flies must outlive a restart of the engine, as an upgrade of its package makes one.
    private func keeping(_ setUp: Engine.SetUp) -> Finding? {
        guard let keeps = setUp.keepsContainers else { return nil }
        return keeps
            ? Finding(.ok, "live restore", "Containers outlive the engine.")
            : Finding(
                .fault, "live restore",
                "When the engine ends or is upgraded, what flies ends with it; put \"live-restore\": true into /etc/docker/daemon.json and restart the engine."
            )
    }
}
