package import Contract

/// What the motors would feel if a shadow took over now: how much more its commands move from tick to tick than the
/// owner's do.
///
/// A new owner begins where the old one ended (`Blend`), so the distance between two controllers does no harm; it is
/// felt only as far as it changes. Two copies of one controller never kick.
package struct Kick: BitwiseCopyable, Sendable {
    /// Of a motor's full scale; a third of what a switch may move a command.
    private static let limit: Float = 0.003
    /// Part of the largest kick that is remembered from tick to tick: it is forgotten after some twenty.
    private static let memory: Float = 0.9

    /// A motor this close to what it can do is at its end, and moves on without warning.
    private static let end: Float = 0.001

    private var distance = Motors(repeating: 0)
    private var tick: UInt64 = 0
    private var isKnown = false
    private var largest: Float = 0

    package init() {}

    /// Both commands for sample `tick`; the sample before it was `former`. `idle` is the least command in flight, 0 to 1.
    @_noAllocation
    package mutating func take(
        _ shadow: Motors, _ owner: Motors, idle: Float, at tick: UInt64, behind former: UInt64
    ) {
        var now = Motors(repeating: 0)
        var step: Float = 0
        for motor in 0..<4 {
            now[motor] = shadow[motor] - owner[motor]
            let change = now[motor] - distance[motor]
            step = greater(step, greater(change, -change))
            let (low, high) = (lesser(shadow[motor], owner[motor]), greater(shadow[motor], owner[motor]))
            // Where one of two unlike commands is cut off, its next change is not known from its last.
            if low != high, low <= idle + Self.end || high >= 1 - Self.end { step = greater(step, 2 * Self.limit) }
        }
        isKnown = self.tick == former
        if isKnown { largest = greater(step, largest * Self.memory) }
        distance = now
        self.tick = tick
    }

    /// Whether a switch at the boundary behind `tick` would not be felt.
    @_noAllocation
    package func isSmall(at tick: UInt64) -> Bool { isKnown && self.tick == tick && largest <= Self.limit }
}
