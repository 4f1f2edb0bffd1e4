/// What a flight of the bench came to; report.json. SI units, names as in the file.
package struct FlightReport: Codable, Sendable {
    package struct Phase: Codable, Sendable {
        package var name: String
        /// s, CLOCK_MONOTONIC.
        package var begin: Double
        package var end: Double
    }

    /// Time between two completed motor writes, µs.
    package struct Gaps: Codable, Sendable, Equatable {
        package var p50: Double
        package var p99: Double
        package var p99_9: Double
        package var max: Double
    }

    package struct Windows<Value: Codable & Sendable>: Codable, Sendable {
        package var update: Value
        package var no_update: Value
    }

    package enum Verdict: String, Codable, Sendable {
        case holds
        case fails
        case inconclusive
    }

    package var ticks = 0
    package var missed = 0
    package var doubled = 0
    package var held = 0
    /// In windows with an update; `late_no_update` in those without.
    package var late = 0
    package var late_no_update = 0
    package var torn = 0
    package var failsafe = 0
    package var two_owner = 0
    package var stale_applied = 0
    package var host_stalls = 0
    package var missed_by_stall = 0
    package var late_by_stall = 0
    package var held_by_stall = 0
    package var ticks_update = 0
    package var ticks_no_update = 0
    package var stalls_update = 0
    package var switch_tick: UInt64 = 0
    /// s, CLOCK_MONOTONIC.
    package var switch_time = 0.0
    /// rad, rad/s.
    package var tilt_at_switch = 0.0
    package var rate_at_switch = 0.0
    package var phases: [Phase] = []
    package var gap_us = Windows(
        update: Gaps(p50: 0, p99: 0, p99_9: 0, max: 0), no_update: Gaps(p50: 0, p99: 0, p99_9: 0, max: 0))
    /// rad.
    package var tilt_max = Windows(update: 0.0, no_update: 0.0)
    /// m.
    package var altitude_error_max = Windows(update: 0.0, no_update: 0.0)
    /// 0 to 1.
    package var command_step = 0.0
    /// RMS distance of both containers' commands, 0 to 1.
    package var command_distance = 0.0
    package var v1 = ""
    package var v2 = ""
    package var realtime = false
    package var seed: UInt64 = 0
    package var verdict = Verdict.fails
    package var reasons: [String] = []
    /// The first ticks that count against the verdict, one line each.
    package var oddities: [String] = []

    package init() {}
}
