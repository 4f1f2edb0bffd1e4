public import CContract
public import Contract

/// The last samples and the controller's state after each: what a state cut from the past is replayed through.
@frozen
public struct History<C: Controller> {
    /// How many ticks are kept: half a second at 500 Hz. A cut travels from owner to agent to candidate in
    /// some milliseconds; one that took longer is refused and the next one serves.
    public static var length: Int { 256 }

    @frozen
    public struct Entry: BitwiseCopyable {
        @usableFromInline var sample: da_sample
        @usableFromInline var moment: Moment
        @usableFromInline var controller: C
        @usableFromInline var free: Motors

        @inlinable
        init(sample: da_sample, moment: Moment, controller: C, free: Motors) {
            self.sample = sample
            self.moment = moment
            self.controller = controller
            self.free = free
        }
    }

    @usableFromInline let entries: UnsafeMutablePointer<Entry>
    /// Ticks without a gap up to the newest, at most `length`.
    @usableFromInline var count = 0
    /// Tick of the newest entry.
    @usableFromInline var newest: UInt64 = 0

    /// Memory is touched here, so that no page fault is left for the flight.
    @inlinable
    init(filledWith entry: Entry) {
        entries = .allocate(capacity: Self.length)
        entries.initialize(repeating: entry, count: Self.length)
    }

    @inlinable
    func deallocate() { entries.deallocate() }

    @inlinable @inline(__always)
    func slot(_ tick: UInt64) -> UnsafeMutablePointer<Entry> { entries + Int(tick % UInt64(Self.length)) }

    /// The entry of `tick`; nil if it is too old, not there yet, or on the other side of a gap.
    @inlinable
    func entry(at tick: UInt64) -> UnsafeMutablePointer<Entry>? {
        guard count > 0, tick <= newest, newest - tick < UInt64(count) else { return nil }
        return slot(tick)
    }

    /// The free command of `tick`; the newest one if that tick is not at hand; zero at the very beginning.
    @inlinable
    func free(at tick: UInt64) -> Motors {
        if let entry = entry(at: tick) { return entry.pointee.free }
        return count > 0 ? slot(newest).pointee.free : Motors(repeating: 0)
    }

    /// Appends; a tick that does not follow the newest one begins anew.
    @inlinable
    mutating func append(_ entry: Entry) {
        let tick = entry.sample.tick
        count = count > 0 && tick == newest &+ 1 ? min(count + 1, Self.length) : 1
        newest = tick
        slot(tick).pointee = entry
    }
}
