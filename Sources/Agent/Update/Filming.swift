internal import CPlatform
internal import FoundationEssentials
internal import Logging

/// The committed version's camera process: a container of its own beside the one that flies.
///
/// Nothing of it is written down. What must run follows from the committed image alone, so it comes back after whatever has
/// happened, and changes hands behind a commit: a device streams to one process only.
extension FlightAgent {
    /// Between two looks at the engine.
    private static let look = Duration.seconds(1)
    /// Looks that are left out behind a failure: twice as many behind the next, at most a minute's.
    private static let pauseMax = 60

    /// Looks after it until the task is cancelled. Beside an update nothing begins and nothing ends.
    func film() async {
        var (pause, skipped) = (0, 0)
        while !Task.isCancelled {
            if skipped > 0 {
                skipped -= 1
            } else if run == nil, isBusy == nil {
                do throws(Fault) {
                    camera.state = try await keepCamera()
                    pause = 0
                } catch {
                    // Who flies without a camera need not hear why the engine does not answer from here too.
                    let isWanted = (try? journal.committed().current?.hasCamera) == true
                    if isWanted, camera.state != error.sentence {
                        logger.warning("camera", metadata: ["why": "\(error.sentence)"])
                    }
                    camera.state = isWanted ? error.sentence : nil
                    pause = min(max(1, pause * 2), Self.pauseMax)
                    skipped = pause
                }
            }
            try? await Task.sleep(for: Self.look)
        }
    }

    /// One look. Returns what is to be said of the camera; nil: there is none to speak of.
    private func keepCamera() async throws(Fault) -> String? {
        let wanted = try journal.committed().current.flatMap { $0.hasCamera == true ? $0 : nil }
        guard camera.isHeld || wanted != nil else { return nil }
        let engine = try await engine()
        let name = ContainerPlan.name(of: CameraKeeping.instance)
        let held = try await engine.container(name)
        let found = held.map { CameraKeeping.Held(image: $0.config.image, isRunning: $0.state.isRunning) }
        switch CameraKeeping.step(wanted: wanted?.pullReference, device: camera.path, found) {
        case .none: camera.isHeld = held != nil
        case .end:
            camera.isHeld = true
            try await engine.stop(name)
            try await engine.remove(name)
            camera.isHeld = false
        case .begin: try await makeCamera(engine, wanted?.pullReference ?? "", name)
        }
        guard let wanted else { return nil }
        guard let path = camera.path else {
            return "\(wanted.reference) has a camera process, but this agent was given no camera (serve --camera)."
        }
        return camera.isHeld ? "\(wanted.reference) streams from \(path)." : "\(wanted.reference) is about to stream."
    }

    private func makeCamera(_ engine: Engine, _ image: String, _ name: String) async throws(Fault) {
        guard let path = camera.path else { return }
        let device = try CameraDevice(at: path)
        do {
            try FileManager.default.createDirectory(
                atPath: directories.camera, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        } catch { throw Fault("The folder \(directories.camera) cannot be made (\(fileReason(error))).") }
        let plan = ContainerPlan(
            instance: CameraKeeping.instance, image: image, directory: directories.camera,
            cpus: ContainerPlan.candidateCpus, camera: device)
        try await engine.remove(name)
        let made = try await engine.create(plan)
        camera.isHeld = true
        try await engine.start(made.id)
        logger.info("camera", metadata: ["image": "\(image)", "device": "\(path)"])
    }
}

/// What the agent knows of the camera.
struct CameraState {
    /// The device, or a simulated scene's socket; nil: none.
    var path: String?
    /// The engine may have a container of it: so it is until the engine has said no.
    var isHeld = true
    /// One sentence for a person; nil: there is nothing to say.
    var state: String?
}

/// What is to be done about the camera's container.
package enum CameraKeeping {
    /// It stands beside the instances, and is none: their names have numbers.
    package static let instance = "camera"

    package struct Held: Equatable, Sendable {
        /// As it was given to the engine.
        package var image: String
        package var isRunning: Bool

        package init(image: String, isRunning: Bool) {
            self.image = image
            self.isRunning = isRunning
        }
    }

    package enum Step: Equatable, Sendable {
        case none
        /// Stop and remove what is there.
        case end
        case begin
    }

    /// The next step towards exactly one container of the wanted image; the old one always ends before a new one begins.
    package static func step(wanted: String?, device: String?, _ held: Held?) -> Step {
        guard let held else { return wanted == nil || device == nil ? .none : .begin }
        guard device != nil, wanted == held.image, held.isRunning else { return .end }
        return .none
    }
}
