import CContract
import CPlatform
import Contract
import FlightKit

/// A flight container behind the tick socket, in a process of its own; the rig waits for each of its answers.
final class SocketFlyer: Flyer {
    /// How long an answer may take, ns: in virtual time there is no deadline, only a sign that it hangs.
    private static let patience: UInt64 = 10_000_000_000

    private let connection: Int32
    let hello: da_hello
    private(set) var silences = 0

    /// Waits for a container that connects to `directory`/tick.sock, and welcomes it. Nil: none came.
    init?(listener: Int32) {
        let deadline = da_now() + Self.patience
        var descriptor = listener
        guard da_wait_readable(&descriptor, 1, deadline) > 0 else { return nil }
        connection = da_packet_accept(listener)
        var hello = da_hello()
        let got = da_packet_await(connection, &hello, UInt32(MemoryLayout<da_hello>.size), deadline)
        self.hello = hello
        guard got == MemoryLayout<da_hello>.size, hello.header.fault(kind: .hello, arrived: Int(got)) == nil else {
            return nil
        }
        var welcome = da_welcome.make()
        welcome.tick_rate = UInt32(Rig.tickRate)
        welcome.vehicle = Plant.vehicle
        _ = da_packet_send(connection, &welcome, UInt32(MemoryLayout<da_welcome>.size))
    }

    deinit { _ = da_close(connection) }

    func answer(_ sample: da_sample) -> da_command {
        var sample = sample
        var command = da_command()
        let size = UInt32(MemoryLayout<da_command>.size)
        guard silences == 0, da_packet_send(connection, &sample, UInt32(MemoryLayout<da_sample>.size)) > 0,
            case let got = da_packet_await(connection, &command, size, da_now() + Self.patience), got == Int32(size),
            command.header.fault(kind: .command, arrived: Int(got)) == nil, command.tick == sample.tick,
            command.epoch == sample.your_epoch, command.sample_ns == sample.scheduled_ns,
            Motors(command.motor).isCommand
        else {
            silences += 1
            return da_command.make()
        }
        return command
    }

    func apply(_: StateCut) -> CutOutcome { .unreadable }
    func cut() -> StateCut { StateCut(tick: 0, channels: []) }
}
