public import Contract

/// Bumpless take-over: the new owner's command begins where the old one's ended, and the distance fades.
///
/// command = free + w · offset, w from 1 to 0. Where both computed the same the offset is zero and the
/// command keeps the bits of `free`.
@frozen
public struct Blend: BitwiseCopyable, Sendable {
    /// How long the old owner's last command is heard, ms: long against a rotor's lag (20 ms), so that the
    /// motors see no step; short against the attitude loop (200 ms), for until then two opinions fly at once.
    public static var milliseconds: Int { 80 }
    /// A way back from an owner whose command lies farther away than this is a way back from a fault: its
    /// command is not continued. The hover command is 0.67; manoeuvres move a motor by less than 0.2.
    public static var faultDistance: Float { 0.25 }

    @usableFromInline let ticks: Int
    @usableFromInline var left = 0
    @usableFromInline var offset = Motors(repeating: 0)

    @inlinable
    public init(tickRate: Int) {
        ticks = max(1, tickRate * Self.milliseconds / 1000)
    }

    @inlinable @inline(__always)
    public var isActive: Bool { left > 0 }

    /// Begins with the distance from `own` to what the motors were told last.
    ///
    /// - Parameters:
    ///   - applied: the old owner's last command.
    ///   - own: this controller's free command for the same tick.
    ///   - faultIsPossible: whether the old owner may have been relieved because of what it commanded.
    @_noAllocation
    @inlinable
    public mutating func begin(applied: Motors, own: Motors, faultIsPossible: Bool) {
        left = 0
        guard applied.isCommand, !applied.sameBits(own) else { return }
        for index in 0..<4 {
            let distance = applied[index] - own[index]
            if faultIsPossible && !(distance <= Self.faultDistance && distance >= -Self.faultDistance) { return }
            offset[index] = distance
        }
        left = ticks
    }

    @_noAllocation
    @inlinable
    public mutating func end() { left = 0 }

    /// The command for one tick.
    @_noAllocation
    @inlinable
    public mutating func command(_ free: Motors) -> Motors {
        guard left > 0 else { return free }
        let weight = Float(left) / Float(ticks)
        left -= 1
        var motors = free
        for index in 0..<4 { motors[index] = clamp(free[index] + weight * offset[index], 0, 1) }
        return motors
    }
}
