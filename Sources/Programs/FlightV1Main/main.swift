import FlightKit
import FlightV1

FlightProgram.run(CascadeController.self)
