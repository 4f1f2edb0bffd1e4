internal import CCamera
internal import CPlatform
internal import Glibc

/// A V4L2 device through the flight image's own code: what a kernel's driver makes of each call, not what we think of it.
struct CameraSteps {
    /// As the camera process asks for.
    private static let (width, height, rate): (UInt32, UInt32, UInt32) = (320, 240, 15)
    private static let pictures = 5
    /// s in which they must come; for a device that comes back.
    private static let limit = 30.0
    /// Where the kernel's own test device, vivid, is plugged in and out (Documentation/admin-guide/media/vivid).
    private static let driver = "/sys/bus/platform/drivers/vivid"
    private static let device = "vivid.0"

    private let path: String

    init(_ path: String) { self.path = path }

    /// A device that is open; it ends with its last use.
    private final class Camera {
        let pointer: OpaquePointer

        init(_ path: String) throws(BenchFault) {
            var opened: OpaquePointer?
            let error = da_camera_open(&opened, path, CameraSteps.width, CameraSteps.height, CameraSteps.rate)
            guard error == 0, let opened else { throw BenchFault("\(path) cannot be opened: errno \(-error).") }
            pointer = opened
        }

        deinit { da_camera_close(pointer) }

        /// The next picture, empty if none came until then, or a negative errno.
        func next(until deadline: UInt64) -> (picture: [UInt8], result: Int32) {
            var bytes = [UInt8](repeating: 0, count: Int(DA_PICTURE_BYTES))
            let count = da_camera_picture(pointer, &bytes, UInt32(bytes.count), deadline)
            return (count > 0 ? Array(bytes[..<Int(count)]) : [], count)
        }
    }

    func streams() throws(BenchFault) { try take(from: Camera(path)) }

    private func take(from camera: Camera) throws(BenchFault) {
        let end = da_now() + UInt64(Self.limit * 1e9)
        var (found, last) = (0, [UInt8]())
        while found < Self.pictures {
            let (picture, result) = camera.next(until: end)
            guard result >= 0 else { throw BenchFault("Behind \(found) pictures it failed: errno \(-result).") }
            guard da_now() < end else {
                throw BenchFault("\(found) pictures came in \(Int(Self.limit)) s that differ.")
            }
            guard !picture.isEmpty, picture != last else { continue }
            guard da_jpeg_is_whole(picture, UInt32(picture.count)) == 1 else {
                throw BenchFault("A picture is no JPEG.")
            }
            last = picture
            found += 1
        }
    }

    /// V4L2 streams to one open file: who comes second must hear of it, and must not disturb the first.
    func isExclusive() throws(BenchFault) {
        let first = try Camera(path)
        var second: OpaquePointer?
        let error = da_camera_open(&second, path, Self.width, Self.height, Self.rate)
        if let second { da_camera_close(second) }
        guard error == -EBUSY else { throw BenchFault("The second one was answered \(error), not EBUSY.") }
        try take(from: first)
    }

    func survivesUnplugging() throws(BenchFault) {
        let result = try unplugged()
        try plug("bind")
        let end = da_now() + UInt64(Self.limit * 1e9)
        guard result == -ENODEV else { throw BenchFault("Unplugged it answered \(result), not ENODEV.") }
        // udev, where there is one, makes the file anew.
        while access(path, R_OK | W_OK) != 0 {
            guard da_now() < end else { throw BenchFault("\(path) did not come back in \(Int(Self.limit)) s.") }
            da_sleep_until(da_now() + 50_000_000)
        }
        try take(from: Camera(path))
    }

    /// What is answered then. The device is let go: as long as it is open its file's name is taken.
    private func unplugged() throws(BenchFault) -> Int32 {
        let camera = try Camera(path)
        try take(from: camera)
        try plug("unbind")
        let end = da_now() + UInt64(Self.limit * 1e9)
        var result: Int32 = 0
        while result >= 0, da_now() < end { result = camera.next(until: end).result }
        return result
    }

    private func plug(_ file: String) throws(BenchFault) {
        let place = "\(Self.driver)/\(file)"
        let descriptor = open(place, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw BenchFault("\(place) cannot be written: errno \(errno); this step is vivid's.")
        }
        defer { close(descriptor) }
        let written = Self.device.withCString { write(descriptor, $0, strlen($0)) }
        guard written == Self.device.utf8.count else { throw BenchFault("\(place) took nothing: errno \(errno).") }
    }
}
