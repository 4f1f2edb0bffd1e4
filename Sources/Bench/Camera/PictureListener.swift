internal import CCamera
internal import CPlatform
internal import CQueue

/// Takes a camera process's pictures, as the console does, to see that they come and move.
enum PictureListener {
    /// ms that one look waits.
    private static let wait: Int32 = 500

    /// Waits at most `seconds` until `wanted` pictures have come from the ZeroMQ socket at `path` that are whole
    /// and differ from the one before. Their count.
    static func differing(_ wanted: Int, at path: String, within seconds: Double) -> Int {
        guard let context = zmq_ctx_new() else { return 0 }
        defer { zmq_ctx_term(context) }
        guard let socket = zmq_socket(context, ZMQ_SUB) else { return 0 }
        defer { zmq_close(socket) }
        for (option, value) in [(ZMQ_LINGER, 0), (ZMQ_RCVTIMEO, wait)] {
            var value = value
            zmq_setsockopt(socket, option, &value, MemoryLayout<Int32>.size)
        }
        zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0)
        guard zmq_connect(socket, "ipc://\(path)") == 0 else { return 0 }
        let end = da_now() + UInt64(seconds * 1e9)
        var buffer = [UInt8](repeating: 0, count: Int(DA_PICTURE_BYTES))
        var last: [UInt8] = []
        var found = 0
        while found < wanted, da_now() < end {
            let count = Int(zmq_recv(socket, &buffer, buffer.count, 0))
            guard count > 4, count <= buffer.count else { continue }
            let picture = Array(buffer[..<count])
            guard da_jpeg_is_whole(picture, UInt32(count)) == 1, picture != last else { continue }
            last = picture
            found += 1
        }
        return found
    }
}
