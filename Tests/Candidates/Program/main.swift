import Candidates
import FlightKit
import Glibc

// One program for all flaws, so that their images share its layer: FLAW says which.
switch getenv("FLAW").map({ String(cString: $0) }) {
case "reversed": FlightProgram.run(FlawedController<Version2, ReversedSign>.self)
case "doubled": FlightProgram.run(FlawedController<Version2, DoubledGain>.self)
case "late": FlightProgram.run(FlawedController<Version2, LateAnswer>.self)
case "delayed": FlightProgram.run(FlawedController<Version2, DelayedCommand>.self)
default:
    print("FLAW must be reversed, doubled, delayed or late.")
    exit(64)
}
