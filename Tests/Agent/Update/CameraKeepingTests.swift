import Agent
import Foundation
import Testing

/// What is done about the camera's container, and what it may use.
@Suite struct CameraKeepingTests {
    private typealias Held = CameraKeeping.Held

    @Test func oneContainerOfTheWantedImageAndTheOldOneEndsFirst() {
        let (old, new) = ("r@sha256:1", "r@sha256:2")
        func step(_ wanted: String?, _ held: Held?, device: String? = "/dev/video0") -> CameraKeeping.Step {
            CameraKeeping.step(wanted: wanted, device: device, held)
        }
        #expect(step(nil, nil) == .none && step(new, nil, device: nil) == .none && step(nil, nil, device: nil) == .none)
        #expect(step(new, nil) == .begin)
        #expect(step(new, Held(image: new, isRunning: true)) == .none)
        #expect(step(new, Held(image: old, isRunning: true)) == .end)
        #expect(step(new, Held(image: new, isRunning: false)) == .end)
        #expect(step(nil, Held(image: old, isRunning: true)) == .end)
        #expect(step(new, Held(image: new, isRunning: true), device: nil) == .end)
    }

    @Test func aCameraProcessGetsItsDeviceAndLittleElse() throws {
        func body(_ device: CameraDevice) throws -> ([String: Any], [String: Any]) {
            let plan = ContainerPlan(
                instance: "camera", image: "r@d", directory: "/run/x/camera", cpus: "0", camera: device)
            let body = try #require(JSONSerialization.jsonObject(with: Data(try plan.json())) as? [String: Any])
            return (body, try #require(body["HostConfig"] as? [String: Any]))
        }
        let (video, host) = try body(CameraDevice(path: "/dev/video0", isDevice: true, group: 44))
        #expect(video["Cmd"] as? [String] == ["camera"])
        #expect((video["Env"] as? [String])?.contains("FLIGHT_CAMERA=/dev/video0") == true)
        #expect((video["Labels"] as? [String: String])?["org.droneagent.role"] == "camera")
        let devices = try #require(host["Devices"] as? [[String: Any]])
        #expect(devices.count == 1 && devices[0]["PathOnHost"] as? String == "/dev/video0")
        #expect(devices[0]["CgroupPermissions"] as? String == "rw" && host["GroupAdd"] as? [String] == ["44"])
        #expect(host["Memory"] as? Int == 64 << 20 && host["MemorySwap"] as? Int == 64 << 20)
        #expect(host["NanoCpus"] as? Int == 500_000_000 && host["CapDrop"] as? [String] == ["ALL"])
        #expect((host["Mounts"] as? [[String: Any]])?.count == 1)

        let (scene, below) = try body(CameraDevice(path: "/run/s.sock", isDevice: false, group: 0))
        #expect((scene["Env"] as? [String])?.contains("FLIGHT_CAMERA=/run/camera.sock") == true)
        let mounts = try #require(below["Mounts"] as? [[String: Any]])
        #expect(mounts.map { $0["Source"] as? String } == ["/run/x/camera", "/run/s.sock"])
        #expect(mounts.last?["Target"] as? String == "/run/camera.sock" && below["Devices"] == nil)

        // Who flies has none of it.
        let flight = ContainerPlan(instance: "flight-2", image: "r@d", directory: "/run/x")
        let plain = String(decoding: try flight.json(), as: UTF8.self)
        #expect(!plain.contains("Devices") && !plain.contains("Cmd") && !plain.contains("camera"))
    }

    @Test func whatIsNoCameraIsOneSentence() throws {
        let absent = #expect(throws: Fault.self) { try CameraDevice(at: "/dev/no-such-video") }
        #expect(
            absent?.sentence == "There is no camera at /dev/no-such-video; plug it in, or name another with --camera.")
        let file = #expect(throws: Fault.self) { try CameraDevice(at: "/etc/passwd") }
        #expect(file?.sentence.hasPrefix("/etc/passwd is neither a video device nor a socket") == true)
        let device = try CameraDevice(at: "/dev/null")
        #expect(device.isDevice && device.inside == "/dev/null")
    }
}
