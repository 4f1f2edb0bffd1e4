import FlightCore

/// A crash of the core in a virtual flight: where in which tick it dies, and when it and its instances are back.
package struct CoreCrash: Sendable {
    /// How far the tick has come.
    package enum Moment: Int, Sendable, CaseIterable {
        /// Owners have changed, nobody has heard of it.
        case opened
        /// The samples are out and answered, the motors not written.
        case answered
        /// The motors are written, and it is not kept yet.
        case written
        case kept
    }

    package var tick: UInt64
    package var moment: Moment
    /// Ticks until the next core's first one.
    package var deadTicks: UInt64
    /// Ticks from there until the instances are connected again; nil: never.
    package var returnTicks: UInt64?

    package init(tick: UInt64, moment: Moment, deadTicks: UInt64, returnTicks: UInt64?) {
        self.tick = tick
        self.moment = moment
        self.deadTicks = deadTicks
        self.returnTicks = returnTicks
    }
}

/// The memory that outlives a virtual core, written as the real one is.
final class VirtualKeeper {
    private let memory = UnsafeMutableRawPointer.allocate(
        byteCount: KeptCopy<FlightState>.bytes, alignment: 64)
    private var copy: KeptCopy<FlightState>
    private var lastEpoch: UInt64 = 0

    init() {
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: KeptCopy<FlightState>.bytes)
        copy = KeptCopy(memory, KeptIdentity(boot: .init(repeating: 7), program: 1, board: 1))
    }

    deinit { memory.deallocate() }

    func keep(_ tick: borrowing FlightTick, now: UInt64) {
        lastEpoch = tick.arbiter.lastEpoch
        copy.write(tick.kept(), now: now)
    }

    func keepChange(_ tick: borrowing FlightTick, now: UInt64) {
        if tick.arbiter.lastEpoch != lastEpoch { keep(tick, now: now) }
    }

    var latest: FlightState? { copy.latest?.value }
}
