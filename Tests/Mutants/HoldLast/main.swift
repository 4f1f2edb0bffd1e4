// The motors' values hold although the owner computed fresh ones.
import Bench
import MutantKit

Mutant.fly { $0.interference = .heldInPlaceOfFresh }
