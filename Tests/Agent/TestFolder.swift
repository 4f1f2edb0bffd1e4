import Foundation

/// A folder of its own for each test, short enough for socket paths, gone with the test.
final class TestFolder: Sendable {
    let path: String

    init() {
        let base = ProcessInfo.processInfo.environment["DRONEAGENT_TEST_RUN"] ?? NSTemporaryDirectory()
        let name = "a" + String(UInt32.random(in: 0...UInt32.max), radix: 36)
        path = URL(fileURLWithPath: base).appendingPathComponent(name).path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
