import CContract
import Contract

/// A flight container of a campaign, with what its faults do to its answers.
final class FaultyContainer {
    /// Samples that a socket keeps for a container that does not read.
    private static let socket = 64
    /// Copies of a command in one tick: what the core takes of one socket in a tick, twice.
    private static let flood = 8

    let container: VirtualContainer
    private var unread: [da_sample] = []
    private var arrived: [da_command] = []
    private var pastEpoch: UInt64 = 0
    private var epoch: UInt64 = 0

    init(_ container: VirtualContainer) { self.container = container }

    var isHung: Bool { !unread.isEmpty }

    func takeArrived() -> [da_command] {
        guard !arrived.isEmpty else { return [] }
        defer { arrived = [] }
        return arrived
    }

    /// The commands that reach the core within this tick.
    func answer(_ sample: da_sample, _ faults: [FaultKind], now: UInt64) -> [da_command] {
        if faults.contains(.hang) {
            if unread.count < Self.socket { unread.append(sample) }
            return []
        }
        note(sample.your_epoch)
        // It has woken up, and answers what it missed; each carries the epoch of its own sample.
        let missed = unread
        unread = []
        var commands = missed.map { container.answer($0) }
        var command = container.answer(sample)
        if faults.isEmpty {
            commands.append(command)
            return commands
        }
        var copies = 1
        for fault in faults {
            switch fault {
            case .notANumber: command.motor.1 = .nan
            case .outOfRange: command.motor = (1.5, 1.5, 1.5, 1.5)
            case .extreme: command.motor = (0, 1, 1, 0)
            case .pastEpoch:
                command.epoch = pastEpoch != 0 ? pastEpoch : (epoch > 1 ? epoch - 1 : sample.owner_epoch + 7)
            case .foreignEpoch: command.epoch = sample.owner_epoch
            case .flood: copies = Self.flood
            case .lateAnswers:
                arrived += commands + [command]
                return []
            case .lostAnswers: return commands
            default: break
            }
        }
        return commands + [da_command](repeating: command, count: copies)
    }

    private func note(_ granted: UInt64) {
        guard granted != 0, granted != epoch else { return }
        (pastEpoch, epoch) = (epoch, granted)
    }
}
