internal import CCamera
internal import CPlatform
internal import Glibc

/// The camera of a flight image: a process of its own beside the one that flies, with a budget of its own and no real-time
/// priority, so that neither a camera nor its viewers can touch the flight.
///
/// Environment: `FLIGHT_DIRECTORY` (else /run/flight) gets `pictures.sock`, a ZeroMQ PUB socket on which each message is one
/// JPEG; `FLIGHT_CAMERA` (else /dev/video0) is a V4L2 device, or the socket of a simulated scene. A picture that nobody takes
/// is dropped. Whatever the camera does, it is tried again once a second; SIGTERM ends it with status 0.
public enum CameraProgram {
    /// Wanted of the device, which may choose others.
    private static let (width, height, rate): (UInt32, UInt32, UInt32) = (320, 240, 15)
    /// ns: a camera that gives no picture for so long is opened again.
    private static let patience: UInt64 = 3_000_000_000
    /// ns between two tries, and between two looks at SIGTERM.
    private static let pause: UInt64 = 1_000_000_000
    private static let look: UInt64 = 200_000_000

    /// Runs until it is told to end.
    public static func run() -> Never {
        da_stop_on_signals()
        // The group that may see the flight may see its pictures.
        umask(0o007)
        let directory = environment("FLIGHT_DIRECTORY") ?? "/run/flight"
        let device = environment("FLIGHT_CAMERA") ?? "/dev/video0"
        guard let publisher = PicturePublisher(path: directory + "/pictures.sock") else {
            say("\(directory)/pictures.sock cannot be bound; does the folder exist, with less than 90 bytes of path?")
            exit(1)
        }
        var complaint = ""
        while da_stop_requested() == 0 {
            let why = stream(device, to: publisher)
            if why != complaint { say(why) }
            complaint = why
            da_sleep_until(da_now() + pause)
        }
        exit(0)
    }

    /// Passes pictures on until the camera fails. Returns why.
    private static func stream(_ device: String, to publisher: PicturePublisher) -> String {
        var opened: OpaquePointer?
        let error = da_camera_open(&opened, device, width, height, rate)
        guard error == 0, let camera = opened else { return sentence(device, error) }
        defer { da_camera_close(camera) }
        say("\(device) is \(String(cString: da_camera_name(camera))).")
        var picture = [UInt8](repeating: 0, count: Int(DA_PICTURE_BYTES))
        var last = da_now()
        while da_stop_requested() == 0 {
            let count = da_camera_picture(camera, &picture, UInt32(picture.count), da_now() + look)
            guard count >= 0 else { return sentence(device, count) }
            if count > 0 {
                publisher.send(picture[..<Int(count)])
                last = da_now()
            }
            guard da_now() - last < patience else {
                return "\(device) gives no picture any more; is the camera plugged in?"
            }
        }
        return "It was told to end."
    }

    private static func sentence(_ device: String, _ error: Int32) -> String {
        switch -error {
        case ENOENT: "There is no \(device); plug the camera in, or name another with 'droneagent serve --camera'."
        case EBUSY: "Another process streams from \(device); end it."
        case ENODEV: "\(device) is no camera, or is gone."
        case EINVAL: "\(device) gives neither MJPEG nor YUYV at \(width) x \(height)."
        default: "\(device) cannot be used: \(String(cString: da_error_text(-error)))."
        }
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func say(_ sentence: String) {
        let line = Array("camera: \(sentence)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
