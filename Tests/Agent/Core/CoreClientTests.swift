import Agent
import CContract
import CPlatform
import Contract
import Foundation
import Synchronization
import Testing

private final class Successor: Sendable {
    let core = Mutex<FakeCore?>(nil)
}

/// The agent's side of the control socket.
@Suite struct CoreClientTests {
    let folder = TestFolder()
    var path: String { folder.path + "/core.sock" }

    @Test func requestsAndRefusalsPass() throws {
        let core = FakeCore(path: path) { request in
            FakeCore.done { reply in
                reply.status.tick = 42
                if request.operation == Operation.arm.rawValue {
                    reply.refused = 1
                    fill(&reply.text, with: "Arming is refused: the battery is low.")
                }
            }
        }
        defer { core.stop() }
        let client = CoreClient(path: path)
        #expect(try client.status().tick == 42)
        #expect(throws: CoreRefusal(sentence: "Arming is refused: the battery is low.")) {
            try client.perform(.operation(.arm))
        }
        #expect(core.asked == [Operation.status.rawValue, Operation.arm.rawValue])
    }

    @Test func namesAndDirectoriesTravel() throws {
        let core = FakeCore(path: path) { request in
            FakeCore.done { fill(&$0.text, with: "\(text(request.name)) \(text(request.path)) \(request.ticks)") }
        }
        defer { core.stop() }
        let reply = try CoreClient(path: path).call(.operation(.attach, name: "flight-3", directory: "/x/y", ticks: 9))
        #expect(text(reply.text) == "flight-3 /x/y 9")
    }

    @Test func aCoreThatIsNotThereIsOneSentence() throws {
        let fault = try #require(throws: Fault.self) { try CoreClient(path: path).status() }
        #expect(fault.sentence.contains(path))
        #expect(fault.sentence.contains("start flightcore"))
    }

    @Test func aSilentCoreIsNotAwaitedForEver() throws {
        let core = FakeCore(path: path) { _ in nil }
        defer { core.stop() }
        let fault = try #require(throws: Fault.self) { try CoreClient(path: path).status() }
        #expect(fault.sentence.contains("500 ms"))
    }

    @Test func repliesOfAnotherContractAreRefused() throws {
        let core = FakeCore(path: path) { _ in
            FakeCore.done { $0.header.version = 9 }
        }
        defer { core.stop() }
        let fault = try #require(throws: Fault.self) { try CoreClient(path: path).status() }
        #expect(fault.sentence.contains("version 9"))
    }

    @Test func aRestartedCoreIsFoundAgain() throws {
        let first = FakeCore(path: path) { request in
            request.operation == Operation.cancel.rawValue ? [] : FakeCore.done { $0.status.tick = 1 }
        }
        let client = CoreClient(path: path)
        #expect(try client.status().tick == 1)
        // It closes on this request, and again on the fresh attempt.
        #expect(throws: Fault.self) { try client.perform(.operation(.cancel)) }
        #expect(try client.status().tick == 1)
        first.stop()
    }

    /// Its supervisor takes some milliseconds for the next one: no command line shall notice.
    @Test func aCoreThatHasJustDiedIsWaitedFor() throws {
        let first = FakeCore(path: path) { _ in FakeCore.done { $0.status.tick = 1 } }
        let client = CoreClient(path: path)
        #expect(try client.status().tick == 1)
        first.stop()
        let (path, next) = (path, Successor())
        let later = da_now() + 120_000_000
        Foundation.Thread.detachNewThread {
            da_sleep_until(later)
            next.core.withLock { $0 = FakeCore(path: path) { _ in FakeCore.done { $0.status.tick = 2 } } }
        }
        // The first one closes its sockets within 20 ms; then nobody listens for a while.
        da_sleep_until(later - 60_000_000)
        #expect(try client.status().tick == 2)
        next.core.withLock { $0?.stop() }
    }

    @Test func theReportNamesWhatTheStatusNumbers() throws {
        var status = da_status()
        status.tick = 1000
        status.mode = FlightMode.fly.rawValue
        status.arming_refused = UInt32(DA_ARMING_KILL.rawValue)
        fill(&status.instance.0.name, with: "flight-1")
        status.instance.0.role = InstanceRole.owner.rawValue
        status.instance.0.in_step_since = 400
        let report = CoreReport(status)
        #expect(report.mode == "fly" && report.owner == "flight-1")
        #expect(report.instances.map(\.role) == ["owner"])
        #expect(report.instances.first?.inStepTicks == 600)
        #expect(report.armingRefused.count == 1)
    }
}
