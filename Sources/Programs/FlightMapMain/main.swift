import FlightKit
import FlightMap

FlightProgram.run(MapController.self)
