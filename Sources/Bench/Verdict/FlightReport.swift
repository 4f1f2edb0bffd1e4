/// What a flight of the bench came to; report.json has these names in snake case. SI units.
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
        package var p999: Double
        package var max: Double

        // The encoder's snake case would write p999.
        private enum CodingKeys: String, CodingKey {
            case p50, p99, max
            case p999 = "p99_9"
        }
    }

    package struct Windows<Value: Codable & Sendable>: Codable, Sendable {
        package var update: Value
        package var noUpdate: Value
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
    /// In windows with an update; `lateNoUpdate` in those without.
    package var late = 0
    package var lateNoUpdate = 0
    package var torn = 0
    package var failsafe = 0
    package var twoOwner = 0
    package var staleApplied = 0
    package var hostStalls = 0
    package var missedByStall = 0
    package var lateByStall = 0
    package var heldByStall = 0
    package var ticksUpdate = 0
    package var ticksNoUpdate = 0
    package var stallsUpdate = 0
    package var stallsNoUpdate = 0
    /// s of CPU time that the host took away, as the kernel counts it.
    package var stealS = Windows(update: 0.0, noUpdate: 0.0)
    /// s in the air.
    package var secondsUpdate = 0.0
    package var secondsNoUpdate = 0.0
    package var switchTick: UInt64 = 0
    /// s, CLOCK_MONOTONIC.
    package var switchTime = 0.0
    /// rad, rad/s.
    package var tiltAtSwitch = 0.0
    package var rateAtSwitch = 0.0
    /// Of the first update, from v1 to v2.
    package var phases: [Phase] = []
    /// All updates from command to end: the first, and those to the same version again.
    package var updates: [Phase] = []
    package var gapUs = Windows(
        update: Gaps(p50: 0, p99: 0, p999: 0, max: 0), noUpdate: Gaps(p50: 0, p99: 0, p999: 0, max: 0))
    /// rad.
    package var tiltMax = Windows(update: 0.0, noUpdate: 0.0)
    /// m.
    package var altitudeErrorMax = Windows(update: 0.0, noUpdate: 0.0)
    /// 0 to 1.
    package var commandStep = 0.0
    /// RMS distance of both containers' commands, 0 to 1.
    package var commandDistance = 0.0
    /// Ticks in shadow of updates to the image that flew already: compared, those of them in which not every bit of both
    /// commands was the same, and how often the comparison had to wait for a new cut.
    package var sameTicksCompared = 0
    package var sameTicksUnequal = 0
    package var sameGaps = 0
    package var v1 = ""
    package var v2 = ""
    /// Pictures of a camera's device that came and differed from the one before; nil: there was none to look at.
    package var pictures: Int?
    package var realtime = false
    package var seed: UInt64 = 0
    package var verdict = Verdict.fails
    package var reasons: [String] = []
    /// The first ticks that count against the verdict, one line each.
    package var oddities: [String] = []

    package init() {}
}
