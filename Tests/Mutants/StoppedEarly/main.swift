// The old owner is stopped a tick before the switch, and nothing bridges the gap.
import Bench
import FlightCore
import MutantKit

let switchTick = VirtualFlight(Mutant.update).fly().switchTick
Mutant.fly {
    $0.interference = .stoppedEarly(before: switchTick)
    $0.silence = .unwritten
}
