// A core that lets a past epoch's command through, and an old owner that never learned of the switch.
import Bench
import FlightCore
import MutantKit

Mutant.fly {
    $0.interference = .staleOwner
    $0.fence = .open
}
