internal import CPlatform

/// What a camera process streams from: a V4L2 device, or the socket of a simulated scene.
package struct CameraDevice: Equatable, Sendable {
    package var path: String
    /// Otherwise a socket.
    package var isDevice: Bool
    /// Of a device: whose members may use it.
    package var group: UInt32

    package init(path: String, isDevice: Bool, group: UInt32) {
        self.path = path
        self.isDevice = isDevice
        self.group = group
    }

    /// Its path in the container.
    package var inside: String { isDevice ? path : "/run/camera.sock" }

    /// Looks at what is there.
    ///
    /// - Throws: `Fault` when there is neither.
    package init(at path: String) throws(Fault) {
        var group: UInt32 = 0
        let kind = da_file_kind(path, &group)
        guard kind >= 0 else {
            throw Fault("There is no camera at \(path); plug it in, or name another with --camera.")
        }
        guard kind == DA_FILE_DEVICE || kind == DA_FILE_SOCKET else {
            throw Fault("\(path) is neither a video device nor a socket; name one with --camera, such as /dev/video0.")
        }
        self.init(path: path, isDevice: kind == DA_FILE_DEVICE, group: group)
    }
}
