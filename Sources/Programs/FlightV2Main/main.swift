import FlightCamera
import FlightKit
import FlightV2

// One program for both processes of the image: they share its pages, and the image stays small.
if CommandLine.arguments.dropFirst().first == "camera" {
    CameraProgram.run()
} else {
    FlightProgram.run(ReducedAttitudeController.self)
}
