import FlightKit

FlightProgram.run(MyController.self)
