package import CContract
import Contract

/// The link of the pilot's receiver: up, and what the pilot asks for, or lost. Pure: frames in, time as an argument.
package struct ReceiverLink: BitwiseCopyable, Sendable {
    /// Frames in a row after which a link is up: a tenth of a second without a fault.
    package static let framesToRise = 5
    /// Frames in a row with the failsafe value that end it: one may be disturbed.
    package static let failsafeFrames = 2
    /// ns without a frame after which it is lost: with one more tick of the slowest rate, 4 ms, it is noticed within
    /// 100 ms, and three frames of 22.5 ms may be missed before.
    package static let silence: UInt64 = 95_000_000
    /// ns that a frame may lie ahead of the tick's time: the bench's world runs ahead by a transfer.
    private static let aheadMax: UInt64 = 1_000_000

    package private(set) var isUp = false
    /// Of the last frame that counted while the link was up.
    package private(set) var setpoint = da_setpoint()
    /// ns of the last frame that counted; 0: none.
    package private(set) var heardAt: UInt64 = 0
    /// Frames whose time stamps are no present time: of another clock, or read far too late.
    package private(set) var untimely: UInt64 = 0
    private var inARow = 0
    private var failsafeInARow = 0
    private let map: StickMap

    package init(_ board: da_board) { map = StickMap(board) }

    /// One frame that the decoder lets count. `now` in ns.
    @_noAllocation
    package mutating func take(_ frame: PPMFrame, now: UInt64) {
        let isTimely =
            frame.closedAt <= now
            ? now &- frame.closedAt <= Self.silence : frame.closedAt &- now <= Self.aheadMax
        guard isTimely else {
            untimely &+= 1
            return refuse()
        }
        guard let wanted = map.setpoint(frame) else { return refuse() }
        guard !map.isFailsafe(frame) else {
            failsafeInARow &+= 1
            if failsafeInARow >= Self.failsafeFrames { lose() }
            return refuse()
        }
        failsafeInARow = 0
        if frame.closedAt > heardAt { heardAt = frame.closedAt }
        if inARow < Self.framesToRise { inARow &+= 1 }
        if inARow >= Self.framesToRise { isUp = true }
        if isUp { setpoint = wanted }
    }

    /// Something that is no good frame: a link that is not up yet begins anew to count.
    @_noAllocation
    package mutating func refuse() { inARow = 0 }

    /// Every tick: notices a silence. `now` in ns.
    @_noAllocation
    package mutating func step(now: UInt64) {
        guard now > heardAt, now &- heardAt > Self.silence else { return }
        lose()
    }

    /// Goes on with the link that a core before this one had. One that was up gets its time again: the crash was not the
    /// transmitter's.
    @_noAllocation
    package mutating func takeUp(_ former: ReceiverLink, now: UInt64) {
        self = former
        if isUp { heardAt = now }
    }

    private mutating func lose() {
        isUp = false
        inARow = 0
    }
}
