package import CContract
internal import Contract
package import Handover
internal import Shadow

/// Holds a candidate's answers against what the owner of then commanded: by the core's measure, and the agent's limits.
///
/// An update is judged in mode fly only, since it begins in no other; so the comparison begins anew with each stretch of it,
/// and behind each gap, as a candidate's time in shadow does.
package struct ReplayJudge {
    private let policy: HandoverPolicy
    private let effect: MotorEffect
    private let idle: Float
    /// 1/s.
    private let rate: Double

    private var verdict = ReplayVerdict()
    private var former: UInt64?
    private var measure = Divergence()
    /// Ticks that `measure` has taken; those in a row at which the candidate answers too strongly and is else near.
    private var taken = 0
    private var strong = 0
    private var squares = (command: 0.0, angular: 0.0, thrust: 0.0)

    package init(_ welcome: da_welcome, policy: HandoverPolicy = HandoverPolicy()) {
        self.policy = policy
        effect = MotorEffect(welcome.vehicle)
        idle = welcome.vehicle.command_idle
        rate = Double(max(1, welcome.tick_rate))
    }

    /// Takes in one tick; `command` is the candidate's answer, nil: none came in time.
    package mutating func take(_ tick: LoggedTick, _ command: da_command?) {
        verdict.ticks += 1
        // A number that a disk has spoilt is no count.
        let gap = former.map { tick.sample.tick > $0 ? min(tick.sample.tick - $0 - 1, Self.gapLimit) : 0 } ?? 0
        former = tick.sample.tick
        verdict.gaps += Int(gap)
        if gap > 0 { begin() }
        guard let command else {
            verdict.unanswered += 1
            return begin()
        }
        guard isProper(command, tick.sample) else {
            verdict.improper += 1
            return begin()
        }
        if command.flags & UInt32(DA_COMMAND_SETTLED.rawValue) != 0 { verdict.isSettled = true }
        if tick.sample.mode != FlightMode.fly.rawValue { begin() }
        guard let flown = tick.flown else { return }
        let free = Motors(command.free)
        note(free, flown, at: tick.time)
        guard tick.sample.mode == FlightMode.fly.rawValue else { return }
        measure.take(free, flown, effect, idle: idle, weight: 1 / Float(rate))
        taken += 1
        if Double(taken) >= policy.shadowSeconds * rate { judge(at: tick.time) }
    }
    /// Ticks: a day at 1000 Hz.
    private static let gapLimit: UInt64 = 86_400_000

    /// The verdict on what was taken in.
    package func finish(_ brief: ReplayBrief) -> ReplayVerdict {
        var verdict = verdict
        (verdict.seconds, verdict.isCut) = (brief.seconds, brief.isCut)
        guard verdict.compared > 0 else { return verdict }
        let count = Double(verdict.compared)
        verdict.command.rms = (squares.command / count).squareRoot()
        verdict.angular.rms = (squares.angular / count).squareRoot()
        verdict.thrust.rms = (squares.thrust / count).squareRoot()
        return verdict
    }

    private mutating func begin() { (measure, taken, strong) = (Divergence(), 0, 0) }

    private func isProper(_ command: da_command, _ sample: da_sample) -> Bool {
        command.tick == sample.tick && command.sample_ns == sample.scheduled_ns && command.epoch == 0
            && Motors(command.motor).isCommand && Motors(command.free).isFinite
    }

    private mutating func note(_ free: Motors, _ flown: Motors, at time: Double) {
        verdict.compared += 1
        if free.sameBits(flown) { verdict.identical += 1 }
        var (square, most) = (0.0, 0.0)
        for motor in 0..<4 {
            let difference = Double(free[motor]) - Double(flown[motor])
            square += difference * difference / 4
            most = max(most, abs(difference))
        }
        squares.command += square
        if most > verdict.command.most { (verdict.command.most, verdict.worstAt) = (most, time) }
        let (wanted, was) = (effect.of(free), effect.of(flown))
        var turn = 0.0
        for axis in 0..<3 { turn += Double(wanted[axis] - was[axis]) * Double(wanted[axis] - was[axis]) }
        let lift = Double(wanted[3] - was[3])
        squares.angular += turn
        squares.thrust += lift * lift
        verdict.angular.most = max(verdict.angular.most, turn.squareRoot())
        verdict.thrust.most = max(verdict.thrust.most, abs(lift))
    }

    /// As if its time in shadow ended with this tick.
    private mutating func judge(at time: Double) {
        verdict.moments += 1
        let view = CandidateView(
            answeredTick: 0, inStepSince: 0, isSettled: true, late: 0, divergence: measure.command,
            angularDivergence: measure.angular,
            gains: AxisGains(measure.gains.gain.array, known: measure.gains.excited))
        guard let why = policy.unlike(view) else {
            strong = 0
            return
        }
        if policy.isOnlyStrong(view) {
            strong += 1
            if Double(strong) < policy.strongSeconds * rate { return }
        }
        verdict.refusedMoments += 1
        if verdict.why == nil { (verdict.why, verdict.refusedAt) = (why, time) }
    }
}
