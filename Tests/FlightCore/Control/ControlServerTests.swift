import CContract
import Contract
import FlightCore
import Testing

/// The core over real sockets, each scenario in a process of its own because a core's stop is its process's.
@Suite(.serialized) struct ControlServerTests {
    @Test func everyRefusalIsASentence() async {
        await #expect(processExitsWith: .success) {
            let core = try LiveCore()
            defer { core.stop() }
            #expect(core.ask(.status) == "Done.")
            #expect(core.wait { $0.tick > 20 })
            #expect(core.status.tick_rate == 500 && core.status.board_hash == testBoard().hash)
            #expect(core.ask(.grant, "v9") == Refusal.noSuchInstance.sentence(name: "v9"))
            #expect(core.ask(.switch, "v9") == Refusal.noSuchInstance.sentence(name: "v9"))
            #expect(core.ask(.detach, "v9") == Refusal.noSuchInstance.sentence(name: "v9"))
            #expect(core.ask(.attach, "v9") { fill(&$0.path, with: "/nonexistent") }.contains("cannot be made"))
            #expect(core.ask(.attach, "") { fill(&$0.path, with: "/tmp") }.contains("1 to 31 bytes"))
            #expect(core.attach("v1") == "Done.")
            #expect(core.attach("v1") == Refusal.nameTaken.sentence(name: "v1"))
            #expect(core.ask(.grant, "v1") == Refusal.notConnected.sentence(name: "v1"))
            #expect(core.ask(.switch, "v1") == Refusal.noOwner.sentence(name: "v1"))
            for name in ["v2", "v3", "v4"] { #expect(core.attach(name) == "Done.") }
            #expect(core.attach("v5") == Refusal.noRoom.sentence(name: "v5"))
            #expect(core.ask(.detach, "v4") == "Done." && core.attach("v5") == "Done.")
            #expect(core.ask(.commit) == Refusal.noProbation.sentence(name: ""))
            #expect(core.ask(.rollback) == Refusal.noProbation.sentence(name: ""))
            #expect(core.ask(.takeoff) { $0.value = 3 } == Refusal.notArmed.sentence(name: ""))
            #expect(core.ask(.takeoff) { $0.value = .nan } == Refusal.badValue.sentence(name: ""))
            #expect(core.ask(.land) == Refusal.notFlying.sentence(name: ""))
            #expect(core.ask(.pilot) { $0.setpoint.roll = .nan } == Refusal.badValue.sentence(name: ""))
            #expect(core.ask(.arm).hasPrefix("Arming is refused: no flight container owns the motors"))
            for operation in [Contract.Operation.disarm, .reserve, .cancel, .pilot] {
                #expect(core.ask(operation) == "Done.")
            }
            let refusal = core.exchange(
                {
                    var request = da_request.make()
                    request.operation = 999
                    return request.bytes
                }())
            #expect(refusal.map { text($0.text) } == Refusal.unknown.sentence(name: ""))
            #expect(text(core.status.instance.0.name) == "v1" && text(core.status.instance.3.name) == "v5")
        }
    }

    /// Who holds the transmitter has priority.
    @Test func aSetpointIsRefusedWhileTheReceiverFlies() async {
        await #expect(processExitsWith: .success) {
            let core = try LiveCore(receiverBoard())
            defer { core.stop() }
            // Its frames have channels at their centre.
            #expect(core.wait { $0.tick > 20 && !ArmingReasons(rawValue: $0.arming_refused).contains(.noPilot) })
            #expect(core.ask(.pilot) == Refusal.receiverFlies.sentence(name: ""))
            #expect(core.ask(.pilot) { $0.setpoint.roll = .nan } == Refusal.badValue.sentence(name: ""))
            #expect(core.ask(.disarm) == "Done.", "all else is asked for as ever")
        }
    }

    @Test func malformedRequestsAreAnswered() async {
        await #expect(processExitsWith: .success) {
            let core = try LiveCore()
            defer { core.stop() }
            let good = da_request.make().bytes
            func said(_ bytes: [UInt8]) -> String { core.exchange(bytes).map { text($0.text) } ?? "no reply" }
            func changed(_ index: Int, _ value: UInt8) -> [UInt8] {
                var bytes = good
                bytes[index] = value
                return bytes
            }
            #expect(said([1]).contains("1 bytes where 176"))
            #expect(said(Array(good.prefix(175))).contains("175 bytes"))
            #expect(said(good + [0]).contains("177 arrived"))
            #expect(said(good + [UInt8](repeating: 0, count: 3000)).contains("arrived"))
            #expect(said(changed(0, 0)).contains("none of this contract"))
            #expect(said(changed(2, 7)).contains("version 7"))
            #expect(said(changed(3, 2)).contains("kind 2"))
            // A name without an end, and the connection still serves.
            let endless = core.request(.grant) {
                withUnsafeMutableBytes(of: &$0.name) { name in for index in name.indices { name[index] = 65 } }
            }
            #expect(endless.map { text($0.text) }?.contains(String(repeating: "A", count: 32)) == true)
            #expect(core.ask(.status) == "Done.")
        }
    }

    @Test func anInstanceIsServed() async {
        await #expect(processExitsWith: .success) {
            let core = try LiveCore()
            defer { core.stop() }
            #expect(core.attach("v1") == "Done.")
            let directory = core.folder.path + "/v1"
            for hello in [[1, 2, 3], da_hello.make().bytes + [0], da_command.make().bytes] {
                let wrong = FakeContainer(directory, hello: hello)
                #expect(wrong.isTurnedAway())
                wrong.close()
            }
            let first = FakeContainer(directory)
            #expect(first.isWelcome())
            #expect(first.welcome.tick_rate == 500 && first.welcome.vehicle.mass == 1 && first.welcome.instance == 0)
            #expect(first.welcome.board_hash == testBoard().hash)
            let second = FakeContainer(directory)
            #expect(second.isTurnedAway(), "one connection an instance")
            second.close()
            let samples = (0..<20).compactMap { _ in first.nextSample() }
            #expect(samples.count == 20)
            #expect(
                zip(samples, samples.dropFirst()).allSatisfy { $1.tick > $0.tick && $1.scheduled_ns > $0.scheduled_ns })
            #expect(samples.allSatisfy { $0.header.fault(kind: .sample, arrived: 136) == nil && $0.your_epoch == 0 })
            try first.answer(0.1)
            #expect(core.ask(.grant, "v1") == "Done.")
            #expect(core.ask(.grant, "v1") == Refusal.ownerExists.sentence(name: "v1"))
            #expect(core.ask(.switch, "v1") == Refusal.isOwner.sentence(name: "v1"))
            #expect(core.ask(.detach, "v1") == Refusal.isOwner.sentence(name: "v1"))
            #expect(core.wait { $0.instance.0.answered > 50 && $0.instance.0.role == InstanceRole.owner.rawValue })
            #expect(core.status.owner_epoch == 1 && core.status.stale_refused == 0)
            // Its own chips come up, a pilot speaks: it arms.
            #expect(
                core.wait { _ in
                    _ = core.ask(.pilot)
                    return core.ask(.arm) == "Done."
                })
            #expect(core.ask(.arm) == Refusal.alreadyArmed.sentence(name: ""))
            #expect(core.ask(.disarm) == "Done.")
            first.close()
            #expect(core.wait { $0.instance.0.role == InstanceRole.listening.rawValue })
            // The place is free again for a new connection, which owns nothing.
            let again = FakeContainer(directory)
            #expect(again.isWelcome())
            #expect(again.nextSample()?.your_epoch == 0)
            again.close()
        }
    }

    @Test func theMotorsChangeHandsAndComeBack() async {
        await #expect(processExitsWith: .success) {
            let core = try LiveCore()
            defer { core.stop() }
            var containers: [FakeContainer] = []
            for (name, value) in [("v1", Float(0.1)), ("v2", 0.12)] {
                #expect(core.attach(name) == "Done.")
                let container = FakeContainer(core.folder.path + "/" + name)
                #expect(container.isWelcome())
                try container.answer(value)
                containers.append(container)
            }
            #expect(core.ask(.grant, "v1") == "Done.")
            // A loaded machine may break the step for a while: the switch is asked for until it comes.
            func switchOver() -> Bool {
                core.wait { status in
                    if status.in_probation == 1 { return true }
                    if status.switch_pending == 0 { _ = core.ask(.switch, "v2") { $0.ticks = 500 } }
                    return false
                }
            }
            #expect(switchOver())
            #expect(
                core.ask(.switch, "v1") { $0.ticks = 10 } == Refusal.probationRuns.sentence(name: "v1")
                    || core.status.in_probation == 0)
            #expect(core.status.owner_epoch >= 2)
            _ = core.ask(.rollback)
            #expect(core.wait { $0.instance.0.role == InstanceRole.owner.rawValue && $0.in_probation == 0 })
            #expect(switchOver())
            let epoch = core.status.owner_epoch
            #expect(epoch >= 4)
            if core.ask(.commit) == "Done." {
                #expect(core.wait { $0.in_probation == 0 })
                #expect(core.ask(.detach, "v1") == "Done.")
            }
            #expect(try EpochFile(folder: core.folder.path).read() >= core.status.owner_epoch)
            for container in containers { container.close() }
        }
    }
}
