public import CContract

/// Where a container stands: whose command drives the motors, on whose state it stands, and whether it is fit.
@frozen
@usableFromInline
struct Standing: BitwiseCopyable, Sendable {
    /// Integrating over more than so many ticks is guessing, not estimating: a longer gap counts as this.
    @inlinable static var longestGap: UInt64 { 25 }

    @usableFromInline var role = Role.shadow
    /// Tick of the state cut that the controller stands on; 0: none, it started cold.
    @usableFromInline var stateTick: UInt64 = 0
    @usableFromInline var isSettled = false
    /// Samples in a row without a gap.
    @usableFromInline var watched: UInt64 = 0
    @usableFromInline var lastTick: UInt64 = 0
    /// Began while the motors were off, or while the core's failsafe held the vehicle level: its own view of the world
    /// counts once it is warm.
    @usableFromInline var beganLevel = false
    /// Samples to watch until every channel is warm that no cut has brought.
    @usableFromInline var settleTicks: UInt64

    @inlinable
    init(settleTicks: UInt64) { self.settleTicks = settleTicks }

    /// Notes a sample's arrival.
    ///
    /// - Returns: how many ticks it is away from the one before, 1 to `longestGap`.
    @_noAllocation
    @inlinable
    mutating func arrive(_ sample: da_sample) -> UInt64 {
        let isFirst = watched == 0
        let follows = !isFirst && sample.tick == lastTick &+ 1
        let gap = !isFirst && sample.tick > lastTick ? min(sample.tick &- lastTick, Self.longestGap) : 1
        if isFirst {
            beganLevel =
                sample.mode == UInt8(DA_MODE_DISARMED.rawValue) || sample.mode == UInt8(DA_MODE_FAILSAFE.rawValue)
        }
        watched = follows ? watched &+ 1 : 1
        // A shadow that missed a sample is out of step until the next cut, seeds included.
        if !follows && role == .shadow { stateTick = 0 }
        let owns = sample.your_epoch != 0 && sample.your_epoch == sample.owner_epoch
        role = owns ? .owner : (role == .shadow ? .shadow : .standby)
        lastTick = sample.tick
        settle()
        return gap
    }

    /// Notes that the controller stands on the cut of `tick`.
    @_noAllocation
    @inlinable
    mutating func stand(on tick: UInt64, settleTicks: UInt64) {
        role = .shadow
        stateTick = tick
        self.settleTicks = settleTicks
        settle()
    }

    /// Notes that the controller stands on no cut any more.
    @_noAllocation
    @inlinable
    mutating func fall() {
        stateTick = 0
        settle()
    }

    /// A container that flies or flew stays settled. A cold one is when it has watched for long enough, from the
    /// ground or the failsafe on; a candidate on a state cut when the channels are warm that the cut did not bring.
    @_noAllocation
    @inlinable
    mutating func settle() {
        let isWarm = watched >= settleTicks
        isSettled = role == .shadow ? isWarm && (stateTick != 0 || beganLevel) : isSettled || isWarm
    }
}
