internal import Agent
internal import FoundationEssentials
internal import Glibc

/// The logs of flights, as the core names them.
struct FlightFiles {
    struct Flight: Equatable {
        var name: String
        var path: String
        /// Bytes.
        var size: Int
        /// When it was written last.
        var changed: Date
    }

    private let folder: String

    init(_ directories: Directories) { folder = directories.flights }

    /// Oldest first.
    ///
    /// - Throws: `CommandFailure` when the folder cannot be read.
    func all() throws(CommandFailure) -> [Flight] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw CommandFailure(
                .refused,
                "The folder \(folder) cannot be read; has the core recorded a flight there (flightcore --record \(folder)), and are you in the group droneagent?"
            )
        }
        // Numbers have five digits at least, and more only behind them.
        let sorted = names.filter { $0.hasPrefix("flight-") && $0.hasSuffix(".ulg") }
            .sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        return sorted.compactMap { name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder + name)
            guard let changed = attributes?[.modificationDate] as? Date, let size = Self.size(folder + name) else {
                return nil
            }
            return Flight(name: name, path: folder + name, size: size, changed: changed)
        }
    }

    /// Bytes. What Foundation says of a size is of another type as soon as all of it is linked.
    private static func size(_ path: String) -> Int? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let end = lseek(descriptor, 0, SEEK_END)
        return end < 0 ? nil : end
    }

    /// The log that a person means by `word`: a file, a flight's name or number; nil: the newest.
    ///
    /// - Throws: `CommandFailure` when there is none.
    func path(of word: String?) throws(CommandFailure) -> String {
        guard let word else {
            guard let newest = try all().last else {
                throw CommandFailure(.refused, "There is no flight in \(folder) yet; the core records from arming on.")
            }
            return newest.path
        }
        if word.contains("/") || access(word, F_OK) == 0 { return word }
        let flights = try all()
        let digits = Int(word).map { String($0) }
        let wanted =
            digits.map { "flight-\(String(repeating: "0", count: max(0, 5 - $0.utf8.count)))\($0).ulg" } ?? word
        guard let flight = flights.first(where: { $0.name == wanted }) else {
            throw CommandFailure(
                .refused, "There is no flight \(word) in \(folder); 'droneagent log list' shows those.")
        }
        return flight.path
    }
}

/// Reads a log in turns of 1 MiB.
///
/// - Throws: `CommandFailure` when it cannot be read; what `each` throws.
func readLog(_ path: String, _ each: ([UInt8]) throws -> Void) throws {
    func failure(_ error: Int32) -> CommandFailure {
        CommandFailure(.refused, "The log \(path) cannot be read: \(String(cString: strerror(error))).")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    let type = (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
    guard type == .typeRegular else {
        throw CommandFailure(.refused, "\(path) is no file; name a flight's log.")
    }
    // Of a flight that goes on, what is there now.
    var left = lseek(descriptor, 0, SEEK_END)
    guard left >= 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure(errno) }
    while left > 0 {
        var count = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: min(left, 1 << 20)) { buffer, initialized in
            count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            initialized = max(0, count)
        }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw failure(errno) }
        if count == 0 { return }
        left -= count
        try each(chunk)
    }
}
