import Foundation

/// A folder of its own for each test, gone with it.
final class TestFolder: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "r" + String(UInt32.random(in: 0...UInt32.max), radix: 36)
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
