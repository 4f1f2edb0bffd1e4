import Airframe
import CCamera
import CPlatform
import Glibc
import Simulator

/// The process behind `flightbench scene`: what a camera on the simulated vehicle sees, in V4L2's place.
package enum SceneProcess {
    /// ns between two pictures: 15 a second.
    private static let pause: UInt64 = 66_666_667

    /// Serves the newest pose of the truth log `truth` as pictures on `socket`, until SIGTERM or SIGINT. As with a device,
    /// only one process streams at a time: who comes second is refused. Before the first pose the vehicle is on the ground.
    ///
    /// - Throws: `BenchFault` when the socket cannot be made, or the log is of another kind.
    package static func run(truth path: String, socket: String) throws(BenchFault) {
        da_stop_on_signals()
        let listener = da_packet_listen(socket, 2)
        guard listener >= 0 else {
            throw BenchFault(
                "The scene's socket \(socket) cannot be made: \(String(cString: da_error_text(-listener))).")
        }
        defer { _ = da_close(listener) }
        let scene = Scene()
        var viewer: Int32 = -1
        var next = da_now()
        while da_stop_requested() == 0 {
            let newcomer = da_packet_accept(listener)
            if newcomer >= 0 {
                if viewer < 0 { viewer = newcomer } else { _ = da_close(newcomer) }
            }
            if viewer >= 0 {
                let record: TruthRecord?
                do { record = try RecordFile.newest(path) } catch { throw BenchFault("\(error)") }
                let sent = send(picture(scene, record?.truth), to: viewer)
                // Who does not keep up misses a picture; who is gone makes room.
                if sent < 0, sent != -EAGAIN {
                    _ = da_close(viewer)
                    viewer = -1
                }
            }
            next = max(next + pause, da_now())
            da_sleep_until(next)
        }
        if viewer >= 0 { _ = da_close(viewer) }
    }

    private static func picture(_ scene: Scene, _ truth: Truth?) -> [UInt8] {
        let head = da_scene_head(
            magic: DA_SCENE_MAGIC, width: UInt16(scene.width), height: UInt16(scene.height), time_ns: truth?.time ?? 0)
        let pixels = scene.picture(
            from: truth?.position ?? .zero, truth?.attitude ?? Attitude(roll: 0, pitch: 0, yaw: 0))
        return withUnsafeBytes(of: head) { Array($0) } + pixels
    }

    private static func send(_ message: [UInt8], to viewer: Int32) -> Int32 {
        da_packet_send(viewer, message, UInt32(message.count))
    }
}
