import Contract
import Testing

@Suite struct QuaternionTests {
    private static let angles: [(Float, Float, Float)] = [
        (0, 0, 0), (0.4, 0, 0), (0, 0.4, 0), (0, 0, 0.4), (0.5, -0.7, 1.2), (-1.2, 1.2, -3), (3, 0.1, 0.2),
        (-0.3, -1.5, 2),
    ]

    private func near(_ a: Vector3, _ b: Vector3, _ limit: Float = 2e-5) -> Bool { (a - b).norm < limit }

    @Test func anglesComeBack() {
        for (roll, pitch, yaw) in Self.angles {
            let q = Quaternion(roll: roll, pitch: pitch, yaw: yaw)
            #expect(abs(q.roll - roll) < 2e-4 && abs(q.pitch - pitch) < 2e-4 && abs(q.yaw - yaw) < 2e-4)
        }
    }

    @Test func signsAreThoseOfTheFrames() {
        // Right wing down: the body's y axis points down; the world's down is to its right.
        let right = Quaternion(roll: 0.5, pitch: 0, yaw: 0)
        #expect(right.rotate(Vector3(0, 1, 0)).z > 0 && right.downInBody.y > 0)
        let noseUp = Quaternion(roll: 0, pitch: 0.5, yaw: 0)
        #expect(noseUp.rotate(Vector3(1, 0, 0)).z < 0 && noseUp.downInBody.x < 0)
        let noseRight = Quaternion(roll: 0, pitch: 0, yaw: 0.5)
        #expect(noseRight.rotate(Vector3(1, 0, 0)).y > 0)
        #expect(abs(right.tilt - 0.5) < 1e-4 && abs(noseUp.tilt - 0.5) < 1e-4 && noseRight.tilt < 1e-4)
    }

    @Test func identities() {
        let v = Vector3(1, -2, 3)
        for (roll, pitch, yaw) in Self.angles {
            let q = Quaternion(roll: roll, pitch: pitch, yaw: yaw)
            #expect(near(q.unrotate(q.rotate(v)), v))
            #expect(abs(q.rotate(v).norm - v.norm) < 2e-5)
            #expect(near(q.downInBody, q.unrotate(Vector3(0, 0, 1))))
            let (p, one) = (Quaternion(roll: 0.2, pitch: 0.3, yaw: -0.4), q * q.conjugate)
            #expect(near((p * q).rotate(v), p.rotate(q.rotate(v))))
            #expect(abs(one.w - 1) < 2e-5 && near(Vector3(one.x, one.y, one.z), .zero))
        }
    }

    @Test func turningAddsUp() {
        var q = Quaternion.identity
        for _ in 0..<1000 { q = q.turned(by: Vector3(0.5, 0, 0), for: 0.002) }
        #expect(abs(q.roll - 1) < 1e-3)
        var yawed = Quaternion(roll: 0, pitch: 0, yaw: 1)
        for _ in 0..<500 { yawed = yawed.turned(by: Vector3(0, 0, -1), for: 0.002) }
        #expect(abs(yawed.yaw) < 1e-3)
    }

    @Test func whatIsNoRotationBecomesOne() {
        #expect(Quaternion(0, 0, 0, 0).normalized == .identity && Quaternion(.nan, 0, 0, 0).normalized == .identity)
        let q = Quaternion(3, 0, 4, 0).normalized
        #expect(abs(q.w - 0.6) < 1e-6 && abs(q.y - 0.8) < 1e-6)
        #expect(!Quaternion(.nan, 0, 0, 0).isFinite && !Quaternion(0, 0, 0, .infinity).isFinite)
        #expect(Quaternion.identity.turned(by: Vector3(.nan, .infinity, 0), for: 1) == .identity)
    }

    @Test func vectors() {
        let (x, y) = (Vector3(1, 0, 0), Vector3(0, 1, 0))
        #expect(x.cross(y) == Vector3(0, 0, 1) && x.dot(y) == 0 && Vector3(3, 4, 0).norm == 5)
        #expect(Vector3(.nan, 9, -9).clamped(2) == Vector3(0, 2, -2))
        #expect(
            Vector3(1, 2, 3).scaled(by: Vector3(2, 2, 0)) == Vector3(2, 4, 0) && Vector3((1, 2, 3)).array == (1, 2, 3))
    }
}
