import Contract
import Glibc

/// Where flights are recorded: in one named file, or in a folder with a file for each flight, from before arming to behind
/// disarming, out of which the oldest goes when room runs short.
///
/// Blocking file I/O; for the recorder's thread.
package struct FlightRecords: Equatable, Sendable {
    /// Most that all flights of a folder take, bytes: some fourteen hours at 500 Hz.
    package static let folderLimit = 4 << 30
    /// Most that one file takes, bytes: nearly two hours at 500 Hz.
    package static let fileLimit = 512 << 20

    package struct Flight: Equatable, Sendable {
        package var number: Int
        package var path: String
        package var bytes: Int
    }

    package let path: String
    private let folderLimit: Int
    private let fileLimit: Int

    /// A `path` that ends with a slash is a folder.
    package init(_ path: String, folderLimit: Int = Self.folderLimit, fileLimit: Int = Self.fileLimit) {
        self.path = path
        self.folderLimit = folderLimit
        self.fileLimit = fileLimit
    }

    package var isFolder: Bool { path.hasSuffix("/") }

    /// Makes the folder, if it is one and not there.
    ///
    /// - Throws: `CoreFault` when it cannot be made or is no folder that can be written.
    package func prepare() throws(CoreFault) {
        guard isFolder else { return }
        if mkdir(path, 0o750) != 0, errno != EEXIST {
            throw CoreFault(
                "The folder \(path) of the flight records cannot be made: \(reason(-errno)); make its parent, or name another with --record."
            )
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw CoreFault(
                "The folder \(path) of the flight records cannot be written: \(reason(-errno)); give it to the core's user, or name another with --record."
            )
        }
    }

    /// The flights in the folder, oldest first.
    package var flights: [Flight] {
        guard isFolder, let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var found: [Flight] = []
        while let entry = readdir(folder) {
            let name = text(entry.pointee.d_name)
            guard let number = Self.number(of: name) else { continue }
            var status = stat()
            guard stat(path + name, &status) == 0 else { continue }
            found.append(Flight(number: number, path: path + name, bytes: Int(status.st_size)))
        }
        return found.sorted { $0.number < $1.number }
    }

    /// The file for the next flight, and how many bytes it may take; the oldest flights are removed until there is room.
    package func next() -> (path: String, limit: Int) {
        guard isFolder else { return (path, fileLimit) }
        var old = flights[...]
        let number = (old.last?.number ?? 0) + 1
        var used = old.reduce(0) { $0 + $1.bytes }
        // Half of the disk at most: journal and images are on it too.
        let room = min(folderLimit, (Self.free(path) + used) / 2)
        while used + fileLimit > room, let oldest = old.popFirst(), unlink(oldest.path) == 0 { used -= oldest.bytes }
        let digits = String(number)
        let name = "flight-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".ulg"
        return (path + name, max(0, min(fileLimit, room - used)))
    }

    /// Of flight-00012.ulg: 12.
    private static func number(of name: String) -> Int? {
        guard name.hasPrefix("flight-"), name.hasSuffix(".ulg") else { return nil }
        return Int(name.dropFirst(7).dropLast(4)).flatMap { $0 > 0 ? $0 : nil }
    }

    /// Bytes that may still be written on this folder's disk.
    private static func free(_ path: String) -> Int {
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { return 0 }
        return Int(clamping: UInt64(disk.f_bavail).multipliedReportingOverflow(by: UInt64(disk.f_frsize)).partialValue)
    }
}
