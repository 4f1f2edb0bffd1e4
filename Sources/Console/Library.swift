internal import Glibc

/// The charts' library, dygraphs: of Debian's package libjs-dygraphs, read where that puts it.
package struct Library: Sendable {
    package static let folder = "/usr/share/javascript/dygraphs"
    package static let package = "libjs-dygraphs"
    /// Eight times what the package's largest file has, bytes.
    private static let fileMax = 1 << 20

    let folder: String

    package init(folder: String) { self.folder = folder }

    /// - Throws: `Refusal` when it is not installed.
    func read(_ name: String) throws(Refusal) -> [UInt8] {
        let path = "\(folder)/\(name)"
        let fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard fd >= 0 else {
            throw Refusal(
                404,
                "The charts need \(path), of the Debian package \(Self.package); install it ('sudo apt install "
                    + "\(Self.package)') and reload. All values stand in the table meanwhile.")
        }
        defer { close(fd) }
        var bytes = [UInt8](repeating: 0, count: Self.fileMax)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                Glibc.read(fd, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            guard got > 0 else { break }
            count += got
        }
        guard count > 0 else {
            throw Refusal(
                404, "The charts' library \(path) is empty; install the Debian package \(Self.package) again.")
        }
        return Array(bytes[..<count])
    }
}
