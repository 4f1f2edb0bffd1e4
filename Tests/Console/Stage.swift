import Agent
import Console
import Foundation
import Logging
import Synchronization
import Testing

/// A console between a played core, the agent's real socket with a played agent behind it, and browsers.
final class Stage: Sendable {
    let folder = TestFolder()
    let core: PlayedCore
    /// What the agent was asked, status apart.
    let asked = Mutex<[AgentRequest]>([])

    init() {
        core = PlayedCore(path: folder.path + "/core.sock")
        core.set { $0 = .flying }
    }

    deinit { core.stop() }

    /// Runs `body` beside a console; without `agent` there is none.
    func serving(
        library: String = "/nowhere", agent: AgentServer.Handler?,
        _ body: (Browser, _ token: String) async throws -> Void
    ) async throws {
        let directories = Directories(run: folder.path, state: folder.path)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let agent {
                let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
                let server = AgentServer(path: directories.agentSocket, logger: logger) { request, progress in
                    if request.verb != .status { self.asked.withLock { $0.append(request) } }
                    return await agent(request, progress)
                }
                group.addTask { try await server.run { isReady.finish() } }
                for await _ in ready {}
            }
            let (places, isPlaced) = AsyncStream.makeStream(of: (Int, String).self)
            let console = ConsoleServer(
                directories: directories, recordPath: folder.path + "/flight.ulg", place: .init(port: 0),
                library: library, logger: logger)
            group.addTask {
                defer { isPlaced.finish() }
                try await console.run { port, token in isPlaced.yield((port, token)) }
            }
            var place: (port: Int, token: String)?
            for await one in places {
                place = one
                break
            }
            let (port, token) = try #require(place, "the console did not come up")
            try await body(Browser(port: port), token)
            group.cancelAll()
        }
    }

    /// A played agent: it answers a status, counts an update through three phases, and refuses what is called "bad".
    static let agent: AgentServer.Handler = { request, progress in
        switch request.verb {
        case .status:
            var line = AgentLine.result(.done, "Status of the drone.")
            line.status = decoded(#"{"committed":"flight:v1","instances":[]}"#)
            return line
        case .update where request.reference == "bad": return .result(.refused, "There is no such image.")
        case .update where request.dryRun == true:
            var line = AgentLine.result(.done, "The plan stands; nothing was changed.")
            line.plan = .small
            return line
        case .update:
            progress(.progress("pulling", "The image is pulled.", done: 1, total: 2, unit: "bytes"))
            var planned = AgentLine.progress("planning", "One channel.")
            planned.plan = .small
            progress(planned)
            progress(.progress("shadowing", "Commands are compared."))
            return .result(.updated, "The new version flies.")
        case .rollback: return .result(.done, "The update is called off.")
        case .start: return .result(.refused, "Not from here.")
        }
    }
}

extension PlanReport {
    static var small: PlanReport? {
        decoded(
            #"{"channels":[{"name":"estimator","kind":"replicate","bytes":88,"schema":"1"}],"state_bytes":88,"#
                + #""pull_bytes":1234,"seconds":9,"rehearsal_s":2,"sync_s":0.1,"shadow_s":2,"notes":[]}"#)
    }
}

func decoded<Report: Decodable>(_ json: String) -> Report? {
    try? JSONDecoder().decode(Report.self, from: Data(json.utf8))
}

/// A folder of its own for each test, short enough for socket paths, gone with the test.
final class TestFolder: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "c" + String(UInt32.random(in: 0...UInt32.max), radix: 36)
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
