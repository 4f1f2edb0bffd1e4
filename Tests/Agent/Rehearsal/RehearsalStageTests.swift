import Agent
import Bench
import CContract
import CPlatform
import Contract
import Foundation
import Rehearsal
import Synchronization
import Testing

/// The rehearsal's end of the tick socket, against containers that misbehave. None of them is waited for without end.
@Suite struct RehearsalStageTests {
    private static let period: UInt64 = 2_000_000

    /// A container on a thread of its own: `body` gets its connected socket.
    private func connected(_ body: @escaping @Sendable (Int32) -> Void) throws -> (RehearsalStage, TestFolder) {
        let folder = TestFolder()
        let stage = try RehearsalStage(directory: folder.path)
        let path = folder.path + "/" + DA_TICK_SOCKET
        let container = Thread {
            let socket = da_packet_connect(path)
            var hello = da_hello.make()
            _ = da_packet_send(socket, &hello, UInt32(MemoryLayout<da_hello>.size))
            var welcome = da_welcome()
            let size = UInt32(MemoryLayout<da_welcome>.size)
            guard da_packet_await(socket, &welcome, size, da_now() &+ 5_000_000_000) == Int32(size) else { return }
            body(socket)
            _ = da_close(socket)
        }
        container.start()
        try stage.welcome(da_welcome.make())
        return (stage, folder)
    }

    private func sentence(_ body: @escaping @Sendable (Int32) -> Void) throws -> String {
        let (stage, folder) = try connected(body)
        defer { withExtendedLifetime(folder) {} }
        return try #require(throws: Fault.self) {
            for _ in 0..<100 { _ = try stage.answer(da_sample.make(), period: Self.period) }
        }.sentence
    }

    /// Answers each sample by what `answer` makes of it, until the stage closes.
    private static func serve(_ socket: Int32, _ answer: (da_sample) -> da_command?) {
        var sample = da_sample()
        while da_packet_await(socket, &sample, UInt32(MemoryLayout<da_sample>.size), da_now() &+ 3_000_000_000) > 0 {
            guard var command = answer(sample) else { continue }
            _ = da_packet_send(socket, &command, UInt32(MemoryLayout<da_command>.size))
        }
    }

    @Test func whoNeverAnswersIsGivenUp() throws {
        #expect(try sentence { Self.serve($0) { _ in nil } }.contains("gave no answer within"))
    }

    @Test func whoEndsIsNoticed() throws {
        #expect(try sentence { _ in }.contains("ended in its rehearsal"))
    }

    @Test func whatIsNoCommandIsRefused() throws {
        let sentence = try sentence { socket in
            Self.serve(socket) { _ in
                var command = da_command.make()
                command.header.magic = 0
                return command
            }
        }
        #expect(sentence.contains("no command"))
    }

    @Test func whoAnswersTooLateIsRefused() throws {
        let sentence = try sentence { socket in
            Self.serve(socket) { _ in
                da_sleep_until(da_now() &+ 2 * Self.period)
                return da_command.make()
            }
        }
        #expect(sentence.contains("answers a sample after") && sentence.contains("2.0 ms"))
    }

    /// Once in a while late is the machine's fault.
    @Test func aStallIsNoVerdict() throws {
        let (stage, folder) = try connected { socket in
            Self.serve(socket) { sample in
                if sample.tick % 50 == 0 { da_sleep_until(da_now() &+ 10 * Self.period) }
                return da_command.make()
            }
        }
        for tick in 1...150 as ClosedRange<UInt64> {
            var sample = da_sample.make()
            sample.tick = tick
            _ = try stage.answer(sample, period: 10 * Self.period)
        }
        withExtendedLifetime(folder) {}
    }

    // MARK: In a replay

    /// One that answers each third sample late is counted, and its late answers are not taken for another sample's.
    @Test func inAReplayALateAnswerIsNone() throws {
        let (stage, folder) = try connected { socket in
            var owed: [da_command] = []
            Self.serve(socket) { sample in
                for var command in owed { _ = da_packet_send(socket, &command, UInt32(MemoryLayout<da_command>.size)) }
                owed = []
                var command = da_command.make()
                command.tick = sample.tick
                guard sample.tick % 3 == 0 else { return command }
                owed.append(command)
                return nil
            }
        }
        for tick in 1...12 as ClosedRange<UInt64> {
            var sample = da_sample.make()
            sample.tick = tick
            let command = try stage.exchange(sample, period: 200 * Self.period)
            #expect(command?.tick == (tick % 3 == 0 ? nil : tick))
        }
        withExtendedLifetime(folder) {}
    }

    /// Who floods the socket with what answers nothing does not hold the replay.
    @Test func inAReplayAFloodIsNoAnswer() throws {
        let (stage, folder) = try connected { socket in
            Self.serve(socket) { _ in
                for _ in 0..<100 {
                    var command = da_command.make()
                    _ = da_packet_send(socket, &command, UInt32(MemoryLayout<da_command>.size))
                }
                return nil
            }
        }
        var sample = da_sample.make()
        sample.tick = 7
        let command = try stage.exchange(sample, period: Self.period)
        #expect(command?.tick == nil)
        withExtendedLifetime(folder) {}
    }

    @Test func aReplayIsCalledOffAsOne() throws {
        let folder = TestFolder()
        let stage = try RehearsalStage(directory: folder.path, for: .replay, who: "The version that flew")
        stage.end()
        let fault = try #require(throws: Fault.self) { try stage.welcome(da_welcome.make()) }
        #expect(fault.sentence == "The replay was called off.")
    }

    /// A core says of a tick what it was when it is over; a container that answers sooner still gets into the model.
    @Test func theCoresWordMayComeAfterTheAnswer() throws {
        let (stage, folder) = try connected { socket in
            Self.serve(socket) { sample in
                var command = da_command.make()
                command.tick = sample.tick
                command.state_tick = sample.tick
                command.flags = UInt32(DA_COMMAND_SETTLED.rawValue)
                return command
            }
        }
        let core = LateCore()
        var welcome = da_welcome.make()
        welcome.tick_rate = 500
        welcome.vehicle = BenchBoard.make().vehicle
        let overture = Overture(
            welcome: welcome, limit: 1, next: { core.next($0) }, status: { () throws(Fault) in core.status() })
        // It flies, if badly: it commands nothing.
        #expect(try overture.fly(on: stage).fault != nil)
        withExtendedLifetime(folder) {}
    }

    @Test func callingItOffEndsTheWait() throws {
        let folder = TestFolder()
        let stage = try RehearsalStage(directory: folder.path)
        stage.end()
        let fault = try #require(throws: Fault.self) { try stage.welcome(da_welcome.make()) }
        #expect(fault.sentence.contains("called off"))
    }
}

/// Speaks of its newest sample's tick when it is asked a second time.
private final class LateCore: Sendable {
    private let newest = Atomic<UInt64>(0)
    private let spoken = Atomic<UInt64>(0)

    func next(_ tick: UInt64) -> da_sample {
        var sample = da_sample.make()
        sample.tick = tick + 1
        newest.store(sample.tick, ordering: .relaxed)
        return sample
    }

    func status() -> da_status {
        var status = da_status()
        status.tick = spoken.load(ordering: .relaxed)
        spoken.store(newest.load(ordering: .relaxed), ordering: .relaxed)
        return status
    }
}
