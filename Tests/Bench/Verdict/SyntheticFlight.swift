import Bench
import CContract
import Contract
import FlightCore
import Simulator

/// A small flight on paper: container "a" drives with epoch 1, "b" is its shadow and drives with epoch 2 from
/// `switchTick` on. Each test spoils it.
struct SyntheticFlight {
    static let period: UInt64 = 2_000_000
    static let first: UInt64 = 1000
    static let encoding = PCA9685.Encoding(
        oscillator: 25e6, rate: 1526, pulse: (min: 125e-6, max: 250e-6), channels: (0, 1, 2, 3))

    private static let truth = World(parameters: WorldParameters(board: BenchBoard.make()), seed: 1).truth

    let count: UInt64
    let switchTick: UInt64
    var logs: [String: [da_command_record]] = [:]
    /// By tick, in the order of time.
    var writes: [UInt64: [MotorRecord]] = [:]
    var stalls: [StallRecord] = []
    var sameImage: [FlightJudge.SameImage] = []

    /// `ticks` are flown; the switch is in the middle.
    init(ticks: UInt64 = 100) {
        count = ticks
        switchTick = Self.first + ticks / 2
        for tick in Self.first..<Self.first + ticks {
            let isOld = tick < switchTick
            logs["a", default: []].append(Self.record("a", tick, epoch: isOld ? 1 : 0))
            logs["b", default: []].append(Self.record("b", tick, epoch: isOld ? 0 : 2))
            writes[tick] = [Self.write(isOld ? "a" : "b", tick)]
        }
    }

    static func time(_ tick: UInt64) -> UInt64 { tick * period }
    var window: Range<UInt64> { Self.time(Self.first)..<Self.time(Self.first + count) }

    /// What a container asks for in a tick: no two alike within a hundred ticks, and "b" far from "a".
    static func motors(_ name: String, _ tick: UInt64) -> (Float, Float, Float, Float) {
        let value = (name == "a" ? 0.2 : 0.6) + 0.003 * Float(tick % 100)
        return (value, value + 0.01, value + 0.02, value + 0.03)
    }

    static func record(_ name: String, _ tick: UInt64, epoch: UInt64) -> da_command_record {
        da_command_record(tick: tick, sample_ns: time(tick), epoch: epoch, motor: motors(name, tick))
    }

    /// A write of what a container asked for in `tick`, ending `after` ns behind the beginning of `end` or `tick`.
    static func write(
        _ name: String, _ tick: UInt64, endingIn end: UInt64? = nil, after: UInt64 = 1_000_000
    ) -> MotorRecord {
        write(motors(name, tick), stop: time(end ?? tick) + after)
    }

    static func write(_ motor: (Float, Float, Float, Float), stop: UInt64) -> MotorRecord {
        var record = MotorRecord(
            stop: stop, sequence: 0, firstRegister: 6, count: 16, taken: 16, flags: [.complete, .outputsEnabled],
            result: 0)
        record.off = SIMD4(
            encoding.count(motor.0), encoding.count(motor.1), encoding.count(motor.2), encoding.count(motor.3))
        return record
    }

    var motorLog: [MotorRecord] { writes.values.flatMap { $0 }.sorted { $0.stop < $1.stop } }

    var ledger: TickLedger { ledger(unwritten: 0) }

    func ledger(unwritten: UInt64) -> TickLedger {
        TickLedger(
            motors: motorLog, logs: logs, encoding: Self.encoding, period: Self.period, window: window,
            unwritten: unwritten)
    }

    /// Judged as a flight without an update: what the switch itself came to is another test's.
    var report: FlightReport {
        let truth = stride(from: window.lowerBound, through: window.upperBound, by: Int(Self.period)).map { time in
            var truth = Self.truth
            truth.time = time
            truth.position.z = -5
            return TruthRecord(truth)
        }
        var report = FlightReport()
        var evidence = FlightJudge.Evidence(
            motors: motorLog, truth: truth, stalls: stalls, logs: logs, updates: [], encoding: Self.encoding,
            period: Self.period, climb: { _ in 0 }, manoeuvres: window, old: "a", new: "")
        evidence.sameImage = sameImage
        FlightJudge.judge(evidence, into: &report)
        return report
    }
}

extension TickLedger {
    /// Every count that is not 0.
    var counts: [String: Int] {
        [
            "missed": missed, "doubled": doubled, "held": held, "late": late, "torn": torn, "failsafe": failsafe,
            "two_owner": twoOwner, "stale": stale,
        ].filter { $0.value != 0 }
    }

    func finding(_ tick: UInt64) -> Finding? { entries.first { $0.tick == tick }?.finding }
}
