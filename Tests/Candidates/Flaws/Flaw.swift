package import CContract
package import Contract
internal import Glibc

/// One thing that is wrong with a controller: what it makes of the commands that a sound one wants.
package protocol Flaw: BitwiseCopyable, Sendable {
    static var name: String { get }
    init(vehicle: da_vehicle, tickRate: Int)
    mutating func spoil(_ motors: Motors) -> Motors
    /// Looks at the sample first; most do not.
    mutating func see(_ sample: da_sample)
}

extension Flaw {
    package mutating func see(_ sample: da_sample) {}
}

/// Roll, pitch and yaw are steered the wrong way: a sign in the mixer.
package struct ReversedSign: Flaw {
    package static var name: String { "reversed sign" }

    package init(vehicle: da_vehicle, tickRate: Int) {}

    package mutating func spoil(_ motors: Motors) -> Motors {
        var mean: Float = 0
        for motor in 0..<4 { mean += motors[motor] / 4 }
        var result = motors
        for motor in 0..<4 { result[motor] = clamp(2 * mean - motors[motor], 0, 1) }
        return result
    }
}

/// Every gain is twice what it should be: each motor's distance from hover is doubled.
package struct DoubledGain: Flaw {
    package static var name: String { "doubled gain" }

    private let hover: Float

    package init(vehicle: da_vehicle, tickRate: Int) {
        hover = squareRoot(vehicle.mass * standardGravity / (4 * greater(vehicle.thrust_max, 0.01)))
    }

    package mutating func spoil(_ motors: Motors) -> Motors {
        var result = motors
        for motor in 0..<4 { result[motor] = clamp(hover + 2 * (motors[motor] - hover), 0, 1) }
        return result
    }
}

/// Every command is that of 20 ms ago: a queue too many between estimator and mixer.
package struct DelayedCommand: Flaw {
    package static var name: String { "20 ms of delay" }

    /// Ticks at 1000 Hz.
    private static var longest: Int { 20 }
    private var line = InlineArray<20, Motors>(repeating: Motors(repeating: 0))
    private var at = 0
    private let ticks: Int

    package init(vehicle: da_vehicle, tickRate: Int) { ticks = max(1, min(Self.longest, tickRate / 50)) }

    package mutating func spoil(_ motors: Motors) -> Motors {
        let former = line[at]
        line[at] = motors
        at = (at + 1) % ticks
        return former
    }
}

/// Every answer comes 20 ms late, because something waits that must not: a lock, a disk.
package struct LateAnswer: Flaw {
    package static var name: String { "late answers" }

    package init(vehicle: da_vehicle, tickRate: Int) {}

    package mutating func spoil(_ motors: Motors) -> Motors {
        usleep(20_000)
        return motors
    }
}
