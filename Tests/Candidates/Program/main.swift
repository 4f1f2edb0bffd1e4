import Candidates
import FlightKit
import Glibc

// One program for all flaws, so that their images share its layer: FLAW says which.
switch getenv("FLAW").map({ String(cString: $0) }) {
case "reversed": FlightProgram.run(FlawedController<Version2, ReversedSign>.self)
case "doubled": FlightProgram.run(FlawedController<Version2, DoubledGain>.self)
case "late": FlightProgram.run(FlawedController<Version2, LateAnswer>.self)
case "delayed": FlightProgram.run(FlawedController<Version2, DelayedCommand>.self)
case "liar": FlightProgram.run(Liar.self)
case "schema": FlightProgram.run(WrongSchema.self)
case Bomb.name: Bomb.run()
case let name? where Hostility(rawValue: name) != nil: FlightProgram.run(FlawedController<Version2, Hostile>.self)
default:
    print("FLAW must be reversed, doubled, delayed, late, liar, schema or \(Hostility.allCases.map(\.rawValue)).")
    exit(64)
}
