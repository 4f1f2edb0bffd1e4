import CContract
import Contract
import FlightCore

/// A flight container as far as ownership goes: what it has seen, what it stands on, what it claims.
struct ModelContainer {
    enum Life: UInt8 {
        /// The engine has none.
        case absent
        case running
        /// Stopped by a signal, with its socket open: it wakes up and answers what it missed.
        case hung
        /// Ended by itself; the engine still has it.
        case ended
    }

    /// A sample as far as it matters.
    struct Seen {
        var tick: UInt64 = 0
        /// Granted to this connection; 0: none.
        var epoch: UInt64 = 0
        var owns = false
    }

    enum Standing: UInt8 { case shadow, owner, standby }

    /// Samples kept, for a cut from the past to be put under the state. Shipped: 256.
    private static let history: UInt64 = 4
    /// Samples that a socket keeps for a container that does not read.
    private static let socket = 2

    var life = Life.absent
    var isStreaming = false
    var seen = Seen()
    /// First of the samples seen without a gap up to now.
    var seenSince: UInt64 = 0
    /// Tick of the state cut that it stands on; 0: none.
    var standsOn: UInt64 = 0
    var standing = Standing.shadow
    /// The newest epoch that it was ever granted.
    var granted: UInt64 = 0
    /// Samples that wait in its socket, and answers that have not arrived yet.
    var unread: [Seen] = []
    var onTheWay: [da_command] = []

    var isThere: Bool { life == .running || life == .hung }

    /// An owner from the ground on.
    static func flying() -> ModelContainer {
        var container = ModelContainer()
        container.life = .running
        return container
    }

    mutating func receive(_ sample: Seen) {
        guard life == .hung else { return read(sample) }
        if unread.count < Self.socket { unread.append(sample) }
    }

    private mutating func read(_ sample: Seen) {
        let follows = sample.tick == seen.tick &+ 1
        if !follows { seenSince = sample.tick }
        if !follows, standing == .shadow { standsOn = 0 }
        standing = sample.owns ? .owner : (standing == .shadow ? .shadow : .standby)
        if sample.epoch != 0 { granted = sample.epoch }
        seen = sample
    }

    /// It goes on after a hang: everything that waited is answered now.
    mutating func wake(as slot: Int) {
        life = .running
        let waiting = unread
        unread = []
        for sample in waiting {
            read(sample)
            onTheWay.append(command(from: slot))
        }
    }

    /// Takes a cut of `tick`, if it has seen every sample since. Returns whether it stands on it.
    mutating func apply(cutOf tick: UInt64) -> Bool {
        guard life == .running, standing == .shadow, tick <= seen.tick, tick >= seenSince,
            seen.tick &- tick < Self.history
        else { return false }
        standsOn = tick
        return true
    }

    /// What it answers to the last sample that it has seen.
    func command(from slot: Int) -> da_command {
        Self.command(from: slot, tick: seen.tick, epoch: seen.epoch, state: standsOn, isSettled: isSettled)
    }

    var isSettled: Bool { standing != .shadow || standsOn != 0 || granted != 0 }

    /// Its motors say who sent it, of which epoch, for which tick: the last writer's values are read back.
    static func command(
        from slot: Int, tick: UInt64, epoch: UInt64, state: UInt64, isSettled: Bool
    ) -> da_command {
        var command = da_command.make()
        command.tick = tick
        command.sample_ns = tick &* HandoverSystem.period
        command.epoch = epoch
        command.state_tick = state
        let mark = Mark(slot: slot, epoch: epoch, tick: tick)
        command.motor = mark.motors
        command.free = mark.motors
        if isSettled { command.flags = UInt32(DA_COMMAND_SETTLED.rawValue) }
        return command
    }

    /// Written into motor values, exactly.
    struct Mark: Equatable {
        var slot: Int
        var epoch: UInt64
        var tick: UInt64

        init(slot: Int, epoch: UInt64, tick: UInt64) {
            self.slot = slot
            self.epoch = epoch % 256
            self.tick = tick % 256
        }

        init(_ motors: Motors) {
            slot = Int(motors[0] * 8)
            epoch = UInt64(motors[1] * 256)
            tick = UInt64(motors[2] * 256)
        }

        var motors: (Float, Float, Float, Float) { (Float(slot) / 8, Float(epoch) / 256, Float(tick) / 256, 0.5) }
    }
}
