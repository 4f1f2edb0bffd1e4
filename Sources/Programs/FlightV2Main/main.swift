import FlightKit
import FlightV2

FlightProgram.run(ReducedAttitudeController.self)
