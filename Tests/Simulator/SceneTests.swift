import Airframe
import CCamera
import Glibc
import Simulator
import Testing

/// What a camera on the vehicle sees.
@Suite struct SceneTests {
    private let scene = Scene(width: 320, height: 240)

    private func picture(_ altitude: Double = 10, north: Double = 0, roll: Double = 0, pitch: Double = 0) -> [UInt8] {
        scene.picture(from: Vector(north, 0, -altitude), Attitude(roll: roll, pitch: pitch, yaw: 0))
    }

    /// Whether the pixel is more blue than red: sky, or haze at most.
    private func isSky(_ picture: [UInt8], _ row: Int, _ column: Int) -> Bool {
        let pair = (row * 320 + column / 2 * 2) * 2
        return picture[pair + 1] >= picture[pair + 3]
    }

    /// Rows of sky from above in a column.
    private func horizon(_ picture: [UInt8], _ column: Int) -> Int {
        (0..<240).first { !isSky(picture, $0, column) } ?? 240
    }

    @Test func theHorizonIsLevelAndMovesWithTheVehicle() {
        let level = picture()
        #expect(level.count == 320 * 240 * 2)
        #expect(abs(horizon(level, 10) - horizon(level, 300)) <= 1)
        // The camera looks 20° down: the horizon stands above the middle.
        #expect((20...90).contains(horizon(level, 160)))
        // To the right: the right side sinks, so on its side there is more sky.
        let rolled = picture(roll: 0.3)
        #expect(horizon(rolled, 10) + 20 < horizon(rolled, 300) || horizon(rolled, 300) + 20 < horizon(rolled, 10))
        let up = picture(pitch: 0.2)
        #expect(horizon(up, 160) > horizon(level, 160) + 10)
    }

    @Test func theGroundPassesBelow() {
        #expect(picture(north: 0) != picture(north: 0.5))
        #expect(picture(10) != picture(11))
        #expect(picture() == picture())
    }

    @Test func nothingInItTraps() {
        for pitch in stride(from: -1.6, through: 1.6, by: 0.4) {
            for roll in stride(from: -3.2, through: 3.2, by: 0.8) {
                #expect(picture(0, roll: roll, pitch: pitch).count == scene.byteCount)
            }
        }
        let lost = scene.picture(
            from: Vector(.nan, .infinity, -1e30), Attitude(w: .nan, x: 0, y: 0, z: 0))
        #expect(lost.count == scene.byteCount)
    }

    @Test func itBecomesAJPEG() {
        let pixels = picture()
        var jpeg = [UInt8](repeating: 0, count: Int(DA_PICTURE_BYTES))
        let count = da_jpeg_encode(pixels, 320, 240, 70, &jpeg, DA_PICTURE_BYTES)
        #expect(count > 2000 && count < 60_000 && da_jpeg_is_whole(jpeg, UInt32(count)) == 1)
        #expect(da_jpeg_is_whole(jpeg, UInt32(count) - 1) == 0 && da_jpeg_is_whole(jpeg, 0) == 0)
        // A width without pairs, no rows, too many pixels, and no room.
        #expect(da_jpeg_encode(pixels, 319, 240, 70, &jpeg, DA_PICTURE_BYTES) == -EINVAL)
        #expect(da_jpeg_encode(pixels, 320, 0, 70, &jpeg, DA_PICTURE_BYTES) == -EINVAL)
        #expect(da_jpeg_encode(pixels, 4000, 4000, 70, &jpeg, DA_PICTURE_BYTES) == -EINVAL)
        #expect(da_jpeg_encode(pixels, 320, 240, 70, &jpeg, 1000) == -EMSGSIZE)
    }

    @Test func whatIsNoCameraIsRefused() {
        var camera: OpaquePointer?
        #expect(da_camera_open(&camera, "/dev/no-such-video", 320, 240, 15) == -ENOENT && camera == nil)
        #expect(da_camera_open(&camera, "/etc/passwd", 320, 240, 15) == -ENODEV && camera == nil)
        // A character device without V4L2.
        #expect(da_camera_open(&camera, "/dev/null", 320, 240, 15) == -ENODEV && camera == nil)
    }
}
