import Agent
import CContract
import Console
import Contract
import Foundation
import Synchronization
import Testing

/// Real HTTP over loopback against the real server, with the agent's real socket and a played core underneath.
@Suite("The console over HTTP", .serialized, .timeLimit(.minutes(2)))
struct ConsoleTests {
    let stage = Stage()

    /// Asks for the history until it is as wanted, at most 15 s.
    private func history(_ browser: Browser, until isWanted: (History) -> Bool) async throws -> History {
        var last = History(curves: [], moments: [], entries: [])
        for _ in 0..<150 {
            let answer = try await browser.get("/history")
            last = try JSONDecoder().decode(History.self, from: Data(answer.body.utf8))
            if isWanted(last) { return last }
            try await Task.sleep(for: .milliseconds(100))
        }
        return last
    }

    // MARK: What it shows

    @Test("The page and its parts are in the program, and load nothing from elsewhere") func page() async throws {
        try await stage.serving(agent: nil) { browser, _ in
            for (path, part) in [("/", "<!doctype html>"), ("/page.css", ":root"), ("/page.js", "\"use strict\"")] {
                let answer = try await browser.get(path)
                #expect(answer.status == 200 && answer.body.hasPrefix(part), "\(path)")
                #expect(answer.text.contains("default-src 'none'") && answer.text.lowercased().contains("nosniff"))
                #expect(!answer.body.contains("https://"), "\(path) names another site")
            }
        }
    }

    @Test("Who comes late finds what has been, and what the core and the agent say now") func history() async throws {
        try await stage.serving(agent: Stage.agent) { browser, _ in
            let found = try await history(browser) { $0.moments.count >= 3 && $0.state?.agent != nil }
            let row = try #require(found.moments.last)
            #expect(row[1 + Curve.height.rawValue] == 4.5 && row[1 + Curve.roll.rawValue] == 5.73)
            #expect(row[1 + Curve.motor1.rawValue] == nil)
            let state = try #require(found.state)
            #expect(state.core?.owner == "flight-1" && state.core?.ownerEpoch == 7 && state.coreFault == nil)
            // 4000 ticks at 500 Hz.
            #expect(state.ownerSince.map { state.time - $0 } == 8000)
            #expect(state.agent?.committed == "flight:v1" && state.recordFault?.contains("--record") == true)
        }
    }

    @Test("A stream tells moments, states, and that the motors have a new owner") func events() async throws {
        try await stage.serving(agent: nil) { browser, _ in
            _ = try await history(browser) { !$0.moments.isEmpty }
            let core = stage.core
            let answer = try await browser.send(Browser.head("GET", "/events")) { text in
                if text.contains("event: moment") {
                    core.set { status in
                        status.owner_epoch = 8
                        status.switch_tick = 5000
                        fill(&status.instance.0.name, with: "flight-2")
                    }
                }
                return text.contains("event: state") && text.contains("event: entry")
            }
            #expect(answer.text.contains("text/event-stream"))
            #expect(answer.text.contains(#""kind":"owner","text":"flight-2 owns the motors (epoch 8).""#))
        }
    }

    @Test("Prometheus is told the flight in SI units; a core that was started again counts on") func metrics()
        async throws
    {
        try await stage.serving(agent: Stage.agent) { browser, _ in
            _ = try await history(browser) { $0.state?.core != nil && $0.state?.agent != nil }
            let answer = try await browser.get("/metrics")
            #expect(answer.status == 200 && answer.text.contains("text/plain; version=0.0.4"))
            #expect(answer.body.contains("# TYPE droneagent_ticks_total counter\n"))
            #expect(answer.body.contains("\ndroneagent_altitude_meters 4.5\n"))
            #expect(answer.body.contains("\ndroneagent_owner_epoch 7.0\n"))
            #expect(answer.body.contains("\ndroneagent_up{part=\"agent\"} 1.0\n"))
            #expect(answer.body.contains("\ndroneagent_mode{mode=\"fly\"} 1.0\n"))
            #expect(answer.body.contains("\ndroneagent_mode{mode=\"land\"} 0.0\n"))
            let before = try #require(ticks(answer.body))
            stage.core.set { $0.tick = 3 }
            _ = try await history(browser) { $0.state?.core?.tick == 3 }
            let after = try #require(ticks(try await browser.get("/metrics").body))
            #expect(after == before + 3)
        }
    }

    private func ticks(_ metrics: String) -> Double? {
        metrics.split(separator: "\n").first { $0.hasPrefix("droneagent_ticks_total ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    @Test("Nobody there is said once, and the page goes on") func nobody() async throws {
        stage.core.stop()
        try FileManager.default.removeItem(atPath: stage.folder.path + "/core.sock")
        try await stage.serving(agent: nil) { browser, _ in
            let found = try await history(browser) { $0.moments.count >= 3 && $0.entries.count >= 2 }
            #expect(found.state?.core == nil && found.state?.coreFault?.contains("does not answer") == true)
            #expect(found.state?.agentFault?.contains("droneagent serve") == true)
            #expect(found.entries.count == 2 && found.entries.allSatisfy { $0.kind == .fault })
        }
    }

    @Test("The charts' library is the system's; without it a sentence says what to install") func library() async throws
    {
        try await stage.serving(agent: nil) { browser, _ in
            let answer = try await browser.get("/dygraph.js")
            #expect(answer.status == 404 && answer.body.contains("libjs-dygraphs"))
        }
        try Data("charts".utf8).write(to: URL(fileURLWithPath: stage.folder.path + "/dygraph.min.js"))
        try await stage.serving(library: stage.folder.path, agent: nil) { browser, _ in
            let answer = try await browser.get("/dygraph.js")
            #expect(answer.status == 200 && answer.body == "charts")
        }
    }

    // MARK: What it does

    @Test("An update is planned, begun, and told phase by phase") func update() async throws {
        try await stage.serving(agent: Stage.agent) { browser, token in
            let plan = try await browser.post("/plan", token: token, #"{"reference":"v2"}"#)
            #expect(plan.status == 200 && plan.body.contains(#""state_bytes":88"#))
            let begun = try await browser.post("/update", token: token, #"{"reference":"v2"}"#)
            #expect(begun.status == 202)
            let found = try await history(browser) { $0.state?.update?.isOver == true }
            let update = try #require(found.state?.update)
            #expect(update.title == "update to v2" && update.outcome == .updated && update.plan == .small)
            #expect(update.steps.map(\.phase) == ["pulling", "planning", "shadowing"])
            #expect(found.entries.contains { $0.text == "The new version flies." })
        }
        let asked = stage.asked.withLock { $0 }
        #expect(
            asked == [AgentRequest(.update, reference: "v2", dryRun: true), AgentRequest(.update, reference: "v2")])
    }

    @Test("An update that another terminal has begun is shown with its plan, and ends") func another() async throws {
        let isUnderWay = Mutex(true)
        let agent: AgentServer.Handler = { request, progress in
            var line = await Stage.agent(request, progress)
            guard request.verb == .status else { return line }
            if isUnderWay.withLock({ $0 }) {
                var update = UpdateReport("flight:v2", at: 1)
                update.take(.progress("pulling", "Bytes.", done: 5, total: 9, unit: "bytes"), at: 2)
                var planned = AgentLine.progress("planning", "One channel.")
                planned.plan = .small
                update.take(planned, at: 3)
                line.status?.phase = "planning"
                line.status?.update = update
            } else {
                line.status?.lastUpdate = "flight:v2: updated"
            }
            return line
        }
        try await stage.serving(agent: agent) { browser, _ in
            let found = try await history(browser) { $0.state?.update?.plan != nil }
            let update = try #require(found.state?.update)
            #expect(update.title == "update to flight:v2" && update.began == 1 && !update.isOver)
            #expect(update.steps.map(\.phase) == ["pulling", "planning"] && update.steps[0].done == 5)
            isUnderWay.withLock { $0 = false }
            let over = try await history(browser) { $0.state?.update?.isOver == true }
            #expect(over.state?.update?.sentence == "flight:v2: updated" && over.state?.update?.steps.count == 2)
        }
    }

    @Test("What the agent refuses is shown in its own words") func refused() async throws {
        try await stage.serving(agent: Stage.agent) { browser, token in
            let plan = try await browser.post("/plan", token: token, #"{"reference":"bad"}"#)
            #expect(plan.body.contains(#""outcome":"refused""#) && plan.body.contains("There is no such image."))
            let away = try await browser.post("/update", token: token, #"{"reference":"bad"}"#)
            #expect(away.status == 202)
            let found = try await history(browser) { $0.state?.update?.isOver == true }
            #expect(found.state?.update?.sentence == "There is no such image.")
        }
    }

    @Test("One update at a time") func twice() async throws {
        let (holds, hold) = AsyncStream.makeStream(of: Void.self)
        let agent: AgentServer.Handler = { request, progress in
            if request.verb == .update { for await _ in holds {} }
            return await Stage.agent(request, progress)
        }
        try await stage.serving(agent: agent) { browser, token in
            let first = try await browser.post("/update", token: token, #"{"reference":"v2"}"#)
            let second = try await browser.post("/update", token: token, #"{"reference":"v3"}"#)
            hold.finish()
            #expect(first.status == 202 && second.status == 409 && second.body.contains("update to v2"))
        }
    }

    @Test("A rollback asks the agent, and the core itself when the agent is away") func rollback() async throws {
        try await stage.serving(agent: Stage.agent) { browser, token in
            let answer = try await browser.post("/rollback", token: token)
            #expect(answer.status == 200 && answer.body.contains("The update is called off."))
        }
        let rollback = Contract.Operation.rollback.rawValue
        #expect(stage.asked.withLock { $0 } == [AgentRequest(.rollback)] && !stage.core.asked.contains(rollback))
        try await stage.serving(agent: nil) { browser, token in
            let answer = try await browser.post("/rollback", token: token)
            #expect(answer.status == 200 && answer.body.contains("itself was asked to roll back"))
            let plan = try await browser.post("/plan", token: token, #"{"reference":"v2"}"#)
            #expect(plan.status == 502 && plan.body.contains("droneagent serve"))
        }
        #expect(stage.core.asked.contains(rollback))
    }

    // MARK: What it refuses

    @Test("Nothing is changed without the token", arguments: ["/plan", "/update", "/rollback"])
    func token(_ path: String) async throws {
        try await stage.serving(agent: Stage.agent) { browser, token in
            let none = try await browser.post(path, token: nil, #"{"reference":"v2"}"#)
            #expect(none.status == 401 && none.body.contains("needs the token"))
            let wrong = try await browser.post(path, token: String(token.reversed()) + "0", #"{"reference":"v2"}"#)
            #expect(wrong.status == 401 && wrong.body.contains("wrong"))
        }
        #expect(stage.asked.withLock { $0 }.isEmpty && !stage.core.asked.contains(Contract.Operation.rollback.rawValue))
    }

    @Test("A bad request is refused in one sentence", arguments: BadRequest.all)
    func bad(_ bad: BadRequest) async throws {
        try await stage.serving(agent: nil) { browser, _ in
            let answer = try await browser.send(bad.request)
            #expect(answer.status == bad.status && answer.body.contains(bad.word), "\(answer.text)")
            #expect(answer.body.filter { $0 == "\n" }.count == 1 && answer.body.count < 500)
        }
    }

    @Test(
        "Bodies that are none, too long or slow",
        arguments: ["", "{}", "v2", #"{"reference":""}"#, #"{"reference":7}"#])
    func bodies(_ body: String) async throws {
        try await stage.serving(agent: Stage.agent) { browser, token in
            let answer = try await browser.post("/update", token: token, body)
            #expect(answer.status == 400 && answer.body.contains(#"{"reference":"v2"}"#))
            let long = try await browser.post("/update", token: token, String(repeating: "x", count: 100_000))
            #expect(long.status == 413 && long.body.contains("2048 bytes"))
        }
        #expect(stage.asked.withLock { $0 }.isEmpty)
    }

    @Test("A body that does not come is not waited for") func slow() async throws {
        try await stage.serving(agent: nil) { browser, token in
            let head = Browser.head("POST", "/update", ["Authorization: Bearer \(token)", "Content-Length: 100"])
            let answer = try await browser.send(head + "{")
            #expect(answer.status == 408 && answer.body.contains("within 5 s"))
        }
    }

    @Test(
        "What is no HTTP, and a head without end, end the connection",
        arguments: [
            "hello\r\n\r\n", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
        ])
    func noHTTP(_ request: String) async throws {
        try await stage.serving(agent: nil) { browser, _ in
            let answer = try await browser.send(request)
            #expect(answer.status == 400 || answer.text.isEmpty)
            // It serves the next one.
            let next = try await browser.get("/")
            #expect(next.status == 200)
        }
    }

    @Test("One stream too many is refused, and the others go on") func streams() async throws {
        try await stage.serving(agent: nil) { browser, _ in
            let (opened, open) = AsyncStream.makeStream(of: Int.self)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<Feed.clientsMax {
                    group.addTask {
                        try await browser.send(Browser.head("GET", "/events")) { text in
                            if text.contains("welcome") { open.yield(index) }
                            return text.contains("Flight mode: land")
                        }.status
                    }
                }
                var there: Set<Int> = []
                for await index in opened {
                    there.insert(index)
                    if there.count == Feed.clientsMax { break }
                }
                let refused = try await browser.get("/events")
                #expect(refused.status == 503 && refused.body.contains("close one"))
                stage.core.set { $0.mode = FlightMode.land.rawValue }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == [Int](repeating: 200, count: Feed.clientsMax))
        }
    }
}

/// A request as it goes over the wire, its answer, and what the sentence must name.
struct BadRequest: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var request: String
    var status: Int
    var word: String

    static let all: [BadRequest] = [
        BadRequest(
            testDescription: "another name for this machine",
            request: Browser.head("GET", "/history", host: "evil.example"),
            status: 403, word: "evil.example"),
        BadRequest(
            testDescription: "another site's page",
            request: Browser.head("GET", "/events", ["Origin: http://evil.example"]),
            status: 403, word: "another site"),
        BadRequest(
            testDescription: "another site's image tag",
            request: Browser.head("GET", "/events", ["Sec-Fetch-Site: cross-site"]), status: 403, word: "another site"),
        BadRequest(
            testDescription: "up", request: Browser.head("GET", "/../etc/passwd"), status: 404, word: "/../etc/passwd"),
        BadRequest(
            testDescription: "up, encoded", request: Browser.head("GET", "/%2e%2e/%2e%2e/etc/passwd"), status: 404,
            word: "%2e%2e"),
        BadRequest(
            testDescription: "two slashes", request: Browser.head("GET", "//page.js"), status: 404, word: "//page.js"),
        BadRequest(
            testDescription: "another case", request: Browser.head("GET", "/PAGE.JS"), status: 404, word: "/PAGE.JS"),
        BadRequest(
            testDescription: "a long path", request: Browser.head("GET", "/" + String(repeating: "a", count: 4000)),
            status: 404, word: "aaa"),
        BadRequest(
            testDescription: "reading what is written", request: Browser.head("GET", "/update"), status: 405,
            word: "POST"),
        BadRequest(
            testDescription: "writing what is read", request: Browser.head("POST", "/history"), status: 405, word: "GET"
        ),
        BadRequest(testDescription: "another method", request: Browser.head("DELETE", "/"), status: 405, word: "GET"),
    ]
}
