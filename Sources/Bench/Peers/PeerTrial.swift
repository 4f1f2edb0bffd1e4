import CContract
import Dispatch
import FlightCore
import Simulator
import Synchronization

/// How often a way of replacing drops the drone. A real flight meets one moment; here are a hundred, all through the
/// script, in virtual time.
package enum PeerTrial {
    package static let moments = 100

    /// How often a stop and start with a gap of some length falls, of `moments`.
    package struct Gap: Codable, Sendable {
        package var seconds: Double
        package var falls: Int
    }

    package static func gaps(_ seconds: [Double]) -> [Gap] {
        let rate = Double(BenchBoard.make().tick_rate)
        return seconds.map { Gap(seconds: $0, falls: fallen(.stopThenStart, gapTicks: Int($0 * rate)) ?? 0) }
    }

    /// Flights of `moments` that end in a crash, with the gap that the real flight had; nil: it is not tried.
    package static func fallen(_ peer: Peer, gapTicks: Int, of moments: Int = moments) -> Int? {
        func count(_ change: @Sendable (inout VirtualFlight.Options) -> Void) -> Int { Self.count(moments, change) }
        return switch peer {
        case .none, .overlap: nil
        case .update: count { $0.next = .v2 }
        case .stopThenStart: count { tear(&$0, gapTicks, into: .v2) }
        case .restart: count { tear(&$0, gapTicks, into: .v1) }
        case .checkpoint: count { tear(&$0, gapTicks, into: nil) }
        }
    }

    private static func count(_ moments: Int, _ change: @Sendable (inout VirtualFlight.Options) -> Void) -> Int {
        let fallen = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: moments) { moment in
            var options = VirtualFlight.Options(seed: UInt64(1 + moment))
            options.updateAt = ScriptedPilot.scriptSeconds * Double(moment) / Double(moments)
            // Long enough for an update at any moment of the first pass through the script.
            options.manoeuvreSeconds = 2 * ScriptedPilot.scriptSeconds
            change(&options)
            if VirtualFlight(options).fly().crash != nil { fallen.add(1, ordering: .relaxed) }
        }
        return fallen.load(ordering: .relaxed)
    }

    /// No command reaches the core for so many ticks, and the motors keep what they have. Then a container begins that
    /// never saw a sample; nil: the old one goes on.
    private static func tear(_ options: inout VirtualFlight.Options, _ ticks: Int, into next: VirtualFlight.Version?) {
        let pilot = ScriptedPilot(manoeuvreSeconds: options.manoeuvreSeconds)
        let begin = UInt64((pilot.manoeuvresBegin + options.updateAt) * Double(BenchBoard.make().tick_rate))
        let end = begin + UInt64(max(0, ticks))
        options.silence = .unwritten
        options.interference.arrives = { _, tick in tick < begin || tick >= end }
        options.interference.replaces = { _, tick in tick == end ? next : nil }
    }
}
