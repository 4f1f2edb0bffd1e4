import CContract
package import Contract
package import Shadow

/// What the core knows of one attached instance.
package struct Slot: BitwiseCopyable, Sendable {
    package var role = InstanceRole.empty
    /// Epoch granted to this connection; 0: none, it flies in shadow.
    package var grant: UInt64 = 0
    /// Last sample answered.
    package var answered: UInt64 = 0
    /// First sample of the unbroken run of answers that ends at `answered`.
    package var runSince: UInt64 = 0
    /// First sample of that run answered from a state cut; 0: none yet.
    package var standsSince: UInt64 = 0
    /// Tick of the cut that its last command stands on.
    package var stateTick: UInt64 = 0
    package var isSettled = false
    package var motors = Motors(repeating: 0)
    package var free = Motors(repeating: 0)
    /// Tick of `motors`.
    package var commandTick: UInt64 = 0
    /// Epoch that the last command claimed; 0: none.
    package var commandEpoch: UInt64 = 0
    /// The last command was out of range or not finite.
    package var isOutOfRange = false
    package var divergence = Divergence()
    /// The `standsSince` whose ticks `divergence` counts.
    var comparedSince: UInt64 = 0
    package var kick = Kick()
    package var pid: Int32 = 0
    /// After a restart of the core: the same process is connected again.
    package var isReturned = false

    /// Counters since it was attached: commands in good order, commands behind their tick, frames refused, samples that its
    /// socket had no room for.
    package var answers: UInt64 = 0
    package var late: UInt64 = 0
    package var refused: UInt64 = 0
    package var dropped: UInt64 = 0

    package init() {}

    package var isConnected: Bool { role != .empty && role != .listening }

    /// A new connection of this instance: nothing that the former one was granted carries over (supports invariant 4).
    @_noAllocation
    package mutating func connect(pid: Int32) {
        let kept = (answers, late, refused, dropped)
        self = Slot()
        (answers, late, refused, dropped) = kept
        role = .shadow
        self.pid = pid
    }

    @_noAllocation
    package mutating func disconnect() {
        grant = 0
        role = .listening
        isReturned = false
        isSettled = false
        standsSince = 0
        stateTick = 0
    }

    /// Whether a switch to it at the boundary behind `tick` is safe: it stands on a state cut, has answered every
    /// sample since, for `settleTicks` at least, and says that it is settled (supports invariant 6).
    @_noAllocation
    package func isInStep(at tick: UInt64, settleTicks: UInt64) -> Bool {
        isConnected && isSettled && answered == tick && stateTick > 0 && standsSince > 0
            && runSince <= stateTick &+ 1 && tick &- standsSince >= settleTicks
    }

    /// Whether it may relieve the failsafe at the boundary behind `tick`: it has answered every sample for `settleTicks` at
    /// least, within the range, and says that it is settled.
    @_noAllocation
    package func isFit(at tick: UInt64, settleTicks: UInt64) -> Bool {
        isConnected && isSettled && !isOutOfRange && answered == tick && tick &- runSince >= settleTicks
    }

    /// Whether the way back to it at the boundary behind `tick` is safe: it was an owner and still answers.
    @_noAllocation
    package func isWarm(at tick: UInt64) -> Bool { isConnected && role == .standby && answered == tick }
}

extension Slot {
    /// A command in good order; `before` is the tick of the sample before the one that it answers.
    @_noAllocation
    mutating func note(_ command: da_command, _ motors: Motors, behind before: UInt64) {
        if answered == 0 || answered != before {
            runSince = command.tick
            standsSince = 0
        }
        answered = command.tick
        commandTick = command.tick
        commandEpoch = command.epoch
        stateTick = command.state_tick <= command.tick ? command.state_tick : 0
        if stateTick == 0 { standsSince = 0 } else if standsSince == 0 { standsSince = command.tick }
        isSettled = command.flags & UInt32(DA_COMMAND_SETTLED.rawValue) != 0
        self.motors = motors
        free = Motors(command.free)
        answers &+= 1
    }
}
