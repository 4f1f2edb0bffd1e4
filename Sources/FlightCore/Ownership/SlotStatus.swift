import CContract
import Contract
import Shadow

extension Slot {
    /// Without the name, which the control server knows.
    var status: da_instance_status {
        var status = da_instance_status()
        status.answered_tick = answered
        status.state_tick = stateTick
        status.in_step_since = standsSince
        status.answered = answers
        status.late = late
        status.refused = refused
        status.dropped = dropped
        status.divergence = divergence.command
        status.rate_divergence = divergence.angular
        status.gain = divergence.gains.gain.array
        status.gain_known = divergence.gains.excited
        status.pid = pid
        status.role = role.rawValue
        status.settled = isSettled ? 1 : 0
        return status
    }
}
