// A core without its fence: whoever is connected drives.
import Bench
import FlightCore
import MutantKit

Mutant.fly { $0.fence = .absent }
