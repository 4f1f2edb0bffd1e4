import Bench
import CBoard
import CContract
import CPlatform
import Contract
import Foundation
import Simulator
import Testing

/// The real core dies in a real flight. What is asserted is generous, for other work may run on this machine; what was
/// measured is printed.
@Suite(.serialized, .enabled(if: SupervisedFlight.programs != nil, SupervisedFlight.missing), .timeLimit(.minutes(3)))
struct RestartFlightTests {
    /// Blocking work on a thread of its own: two of them would hang the pool of a machine with two CPUs.
    private func apart<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Foundation.Thread.detachNewThread { continuation.resume(with: Swift.Result { try work() }) }
        }
    }

    /// A flight of its own, on the ground, and its core's process.
    private func supervised(_ work: @escaping @Sendable (SupervisedFlight, _ core: Int32) throws -> Void) async throws {
        try await apart {
            let flight = try SupervisedFlight()
            defer {
                flight.end()
                flight.remove()
            }
            try work(flight, #require(flight.corePid))
        }
    }

    private struct Blow: Sendable {
        var signal: Int32
        /// s behind the first manoeuvre.
        var after: Double
        var at: UInt64 = 0
    }

    /// Killed; stopped, so that only the heartbeat tells; and trapped on a terminal, where Swift's backtracer would keep
    /// it for 30 s.
    @Test func theDroneFliesOnWhenItsCoreDies() async throws {
        try await apart {
            let flight = try SupervisedFlight()
            defer {
                flight.end()
                flight.remove()
            }
            var blows = [
                Blow(signal: SIGKILL, after: 1.5), Blow(signal: SIGSTOP, after: 4), Blow(signal: SIGILL, after: 6.5),
            ]
            var script = ScriptedPilot(manoeuvreSeconds: 9)
            (script.takeoffHeight, script.takeoffSeconds) = (3, 5)
            var next = 0
            var wasAirborne = false
            var last = da_status()
            do {
                let pilot = try LivePilot(flight.socket, script)
                try pilot.fly { seconds, status in
                    if next < blows.count, seconds > script.manoeuvresBegin + blows[next].after,
                        let core = flight.corePid
                    {
                        blows[next].at = da_now()
                        kill(core, blows[next].signal)
                        next += 1
                    }
                    if status.on_ground == 0 { wasAirborne = true }
                    last = status
                    guard seconds < script.landingBegins + 40 else { return false }
                    return !(wasAirborne && status.mode == FlightMode.disarmed.rawValue)
                }
            } catch {
                Issue.record("\(error) \(flight.said())")
            }
            let said = flight.said()
            flight.end()
            #expect(next == blows.count && wasAirborne && last.mode == FlightMode.disarmed.rawValue, "\(said)")
            #expect(last.cause == SwitchCause.restarted.rawValue && last.owner_epoch == 4, "\(last.owner_epoch)")
            #expect(said.contains("gave no sign of life"))

            let (motors, commands, truth) = (try flight.motors(), try flight.commands(), try flight.truth())
            let period: UInt64 = 2_000_000
            for blow in blows {
                let complete = motors.filter(\.isComplete)
                let after = try #require(complete.first { $0.stop > blow.at + period / 2 })
                let before = try #require(complete.last { $0.stop < after.stop })
                let answered = try #require(commands.first { $0.sample_ns > blow.at + period })
                let lastTick = try #require(commands.last { $0.sample_ns <= blow.at + period }).tick
                let gap = Double(after.stop - before.stop) / 1e6
                let back = Double(answered.sample_ns - blow.at) / 1e6
                print(
                    "signal \(blow.signal): \((gap * 10).rounded() / 10) ms between motor writes, \(answered.tick - lastTick - 1) ticks without the owner, its answers again \((back * 10).rounded() / 10) ms behind the blow"
                )
                #expect(gap < 250 && back < 250)
                #expect(answered.epoch > (commands.last { $0.tick == lastTick }?.epoch ?? 0))
            }
            let flown = truth.map(\.truth).filter {
                $0.time > blows[0].at && $0.time < blows[2].at + 500_000_000
            }
            #expect(flown.count > 400 && flown.allSatisfy { $0.altitude > 1 && $0.tilt < 1 })
            #expect(truth.allSatisfy { $0.truth.crash == nil })
            #expect(motors.allSatisfy { $0.stop < blows[0].at || $0.flags.contains(.outputsEnabled) })
        }
    }

    /// The chips stand still for some ticks, again and again, as behind a machine that sleeps: ticks are lost, but no
    /// command of a tick that is over reaches the motors.
    @Test func chipsThatStandStillGetNoOldCommand() async throws {
        try await apart {
            let flight = try SupervisedFlight()
            defer {
                flight.end()
                flight.remove()
            }
            var script = ScriptedPilot(manoeuvreSeconds: 9)
            (script.takeoffHeight, script.takeoffSeconds) = (3, 5)
            var stops = 0
            var (wasAirborne, isDown) = (false, false)
            do {
                let pilot = try LivePilot(flight.socket, script)
                try pilot.fly { seconds, status in
                    if seconds > script.manoeuvresBegin + 0.4 * Double(stops), seconds < script.landingBegins {
                        stops += 1
                        kill(flight.worldPid, SIGSTOP)
                        da_sleep_until(da_now() + 9_000_000)
                        kill(flight.worldPid, SIGCONT)
                    }
                    if status.on_ground == 0 { wasAirborne = true }
                    isDown = wasAirborne && status.mode == FlightMode.disarmed.rawValue
                    return !isDown && seconds < script.landingBegins + 40
                }
            } catch { Issue.record("\(error) \(flight.said())") }
            let said = flight.said()
            flight.end()
            #expect(stops > 15 && isDown, "\(stops) stops, \(said)")
            #expect(try flight.truth().allSatisfy { $0.truth.crash == nil })
            let ledger = try flight.ledger()
            print("\(stops) stops of the chips in \(ledger.entries.count) ticks: missed \(ledger.missed)")
            #expect(ledger.missed >= stops && ledger.entries.count > 5000)
            #expect(ledger.stale == 0 && ledger.twoOwner == 0)
            for entry in ledger.entries where entry.isStale || entry.isTwoOwner {
                let behind = ledger.entries.filter { $0.tick < entry.tick && $0.tick + 8 > entry.tick }.map(\.finding)
                Issue.record("tick \(entry.tick): \(entry.finding) behind \(behind)")
            }
        }
    }

    /// Restarting fails: the outputs are let go after half a second, and held again when a core comes up.
    @Test func outputsAreLetGoWhenNoCoreComesUp() async throws {
        try await apart {
            let flight = try SupervisedFlight()
            defer {
                flight.end()
                flight.remove()
            }
            var lines = da_lines(context: nil, get: { _, _ in -19 }, set: { _, _, _ in -19 })
            #expect(da_lines_open_bridge(&lines, flight.bus) == 0)
            let outputs = DA_LINE_OUTPUT_ENABLE.rawValue
            try SupervisedFlight.wait("the outputs to be on") { da_lines_get(&lines, outputs) == 1 }
            // Old enough that a core of its own count is told from it, however late it is asked.
            try SupervisedFlight.wait("two seconds of ticks") { (flight.status?.tick ?? 0) > 1000 }
            let tick = flight.status?.tick ?? 0
            let good = try Data(contentsOf: URL(fileURLWithPath: flight.board))
            try Data("none".utf8).write(to: URL(fileURLWithPath: flight.board))
            let core = try #require(flight.corePid)
            let killed = da_now()
            kill(core, SIGKILL)
            var held = true
            try SupervisedFlight.wait("the outputs to be let go") {
                // A terminal that nobody reads is full after 4 KB, and what is said then is dropped.
                _ = flight.said()
                held = held && (da_now() - killed > 400_000_000 || da_lines_get(&lines, outputs) == 1)
                return da_lines_get(&lines, outputs) == 0
            }
            #expect(held && da_now() - killed > 400_000_000)
            try good.write(to: URL(fileURLWithPath: flight.board))
            try SupervisedFlight.wait("a core to come up") { flight.status?.mode == FlightMode.disarmed.rawValue }
            #expect(flight.status?.tick ?? .max < tick, "what is too old counts for nothing")
            try SupervisedFlight.wait("the outputs to be on again") { da_lines_get(&lines, outputs) == 1 }
            #expect(flight.said().contains("let go"))
        }
    }

    /// What systemd would hear with WatchdogSec=0.2: that the core ticks, then a sign of life each 0.1 s, also while no
    /// core is there.
    @Test func systemdHearsTheSupervisor() async throws {
        try await apart {
            let path = "/tmp/notify-\(getpid()).sock"
            unlink(path)
            let socket = try #require(DatagramSocket(path))
            let flight = try SupervisedFlight(environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"])
            defer {
                flight.end()
                flight.remove()
                unlink(path)
            }
            var heard: [String] = []
            func count(_ word: String) -> Int { heard.count { $0 == word } }
            try SupervisedFlight.wait("signs of life") {
                if let word = socket.next() { heard.append(word) }
                return count("READY=1") == 1 && count("WATCHDOG=1") >= 3
            }
            if let core = flight.corePid { kill(core, SIGKILL) }
            let before = count("WATCHDOG=1")
            try SupervisedFlight.wait("signs of life behind a crash") {
                if let word = socket.next() { heard.append(word) }
                return count("WATCHDOG=1") >= before + 3
            }
            #expect(count("READY=1") == 1 && Set(heard) == ["READY=1", "WATCHDOG=1"])
        }
    }

    /// What runs for the first time in a fault must not wait for a card, which may be what has failed.
    @Test func programsThatFlyAreWhollyInMemory() async throws {
        try await supervised { flight, core in
            for pid in [flight.supervisor.processIdentifier, core, flight.containerPid, flight.worldPid] {
                let code = try LoadedCode(of: pid)
                #expect(code.files > 3, "a program, libc and the linker at least")
                #expect(code.absent == [], "of process \(pid)")
            }
        }
    }

    /// The supervisor dies: the core goes on alone, and a second core is refused. On the ground it then makes room.
    @Test func theCoreOutlivesItsSupervisor() async throws {
        try await supervised { flight, core in
            // Nobody else ends it where it does not end itself.
            defer { if flight.status != nil { kill(core, SIGKILL) } }
            kill(flight.supervisor.processIdentifier, SIGKILL)
            let tick = flight.status?.tick ?? 0
            try SupervisedFlight.wait("the tick to go on") { (flight.status?.tick ?? 0) > tick + 50 }
            let second = try Child(
                "second", #require(SupervisedFlight.programs) + "/flightcore",
                ["--supervise", "--board", flight.board, "--run", flight.folder, "--state", flight.folder],
                log: flight.folder + "/second.log")
            try SupervisedFlight.wait("the second to be refused") { !second.isRunning }
            #expect(second.exitCode == 1 && second.output.contains("Another core runs in"))
            #expect(flight.status?.tick ?? 0 > tick)
            try SupervisedFlight.wait("the core to make room") { flight.status == nil }
            #expect(flight.said().contains("makes room"))
        }
    }
}
