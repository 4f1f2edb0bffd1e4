package import Agent
package import Contract
internal import Glibc

/// Follows the flight log while the core writes it: motors, rates and attitude stand there already, so that nobody has
/// to ask the tick for them.
package struct RecordTail {
    /// What stood in the record last.
    package struct Values: Equatable, Sendable {
        /// rad; world from body.
        package var roll: Float?
        package var pitch: Float?
        package var yaw: Float?
        /// rad/s, FRD.
        package var rates: Vector3?
        /// 0 to 1.
        package var motors: [Float]?
        /// A.
        package var current: Float?
        /// The longest time between two motor writes of what was read now, ms.
        package var gap: Float?

        package init() {}
    }

    /// The definitions take some 2 KB.
    private static let headMax = 64 << 10
    /// One look takes in at most so much, bytes: thirty times what a tenth of a second of flight writes.
    private static let readMax = 256 << 10
    /// Whoever is further behind begins anew near the end, so far before it.
    private static let jumpBytes = 32 << 10
    /// Looks without a byte until a file of a core that was started again is looked for.
    private static let quietMax = 10
    /// Files of flights that were taken up: FILE.1 to FILE.99.
    private static let continuationsMax = 99

    private let path: String
    private var descriptor: Int32 = -1
    private var layout: RecordLayout?
    private var at = 0
    private var rest: [UInt8] = []
    private var quiet = 0
    /// us.
    private var lastWrite: UInt64?
    /// Where messages begin is not known: the reader fell behind, or the disk was full and took half a message.
    private var isLost = false

    package init(path: String) { self.path = path }

    /// Reads what has come since the last look.
    ///
    /// - Returns: nil when nothing has.
    /// - Throws: `Fault` when there is no record to read.
    package mutating func look() throws(Fault) -> Values? {
        if descriptor < 0 { try open(try newest()) }
        var there = stat()
        guard fstat(descriptor, &there) == 0 else { throw fault(errno) }
        let size = Int(there.st_size)
        // The next core begins the file anew.
        if size < at { begin() }
        guard size > at else {
            quiet += 1
            if quiet >= Self.quietMax { try followSuccessor(of: there) }
            return nil
        }
        quiet = 0
        if layout == nil {
            layout = try readHead()
            // A flight of earlier is no news.
            if layout != nil, Self.isOver(there) {
                at = size
                isLost = true
                return nil
            }
        }
        guard let layout else { return nil }
        if size - at > Self.readMax {
            at = max(layout.dataOffset, size - Self.jumpBytes)
            isLost = true
        }
        let bytes = try read(size - at)
        if isLost {
            guard let start = layout.start(in: bytes) else { return nil }
            rest = Array(bytes[start...])
            lastWrite = nil
            isLost = false
        } else {
            rest += bytes
        }
        return takeMessages(layout)
    }

    package mutating func close() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }

    // MARK: The file

    private mutating func open(_ name: String) throws(Fault) {
        let fd = Glibc.open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard fd >= 0 else { throw fault(errno) }
        var there = stat()
        guard fstat(fd, &there) == 0, there.st_mode & S_IFMT == S_IFREG else {
            _ = Glibc.close(fd)
            throw Fault("The flight log \(path) is no file; name the core's with --record.")
        }
        close()
        descriptor = fd
        begin()
    }

    private mutating func begin() {
        layout = nil
        at = 0
        rest = []
        lastWrite = nil
        isLost = false
    }

    /// The file that is written now: of a folder the newest flight's; else `path`, or what a core that took up a flight
    /// writes beside it.
    private func newest() throws(Fault) -> String {
        if path.hasSuffix("/") {
            guard let name = Self.newestFlight(in: path) else {
                throw Fault(
                    "No flight is recorded in \(path) yet, so motors and body rates are not shown; the core records from arming on."
                )
            }
            return path + name
        }
        var best = (name: path, time: Self.time(of: path))
        for number in 1...Self.continuationsMax {
            let name = "\(path).\(number)"
            guard access(name, F_OK) == 0 else { break }
            let time = Self.time(of: name)
            // A file's time has steps of some milliseconds: of two alike the later one goes on.
            if time >= best.time { best = (name, time) }
        }
        return best.name
    }

    /// As the core names them: flight-00012.ulg.
    private static func newestFlight(in path: String) -> String? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var best: String?
        while let entry = readdir(folder) {
            let name = text(entry.pointee.d_name)
            guard name.hasPrefix("flight-"), name.hasSuffix(".ulg") else { continue }
            let old = best ?? ""
            if (name.utf8.count, name) > (old.utf8.count, old) { best = name }
        }
        return best
    }

    /// Whether nothing was written for two seconds.
    private static func isOver(_ file: stat) -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.tv_sec - file.st_mtim.tv_sec > 2
    }

    private static func time(of name: String) -> Int {
        var there = stat()
        return stat(name, &there) == 0 ? there.st_mtim.tv_sec * 1_000_000_000 + there.st_mtim.tv_nsec : 0
    }

    private mutating func followSuccessor(of old: stat) throws(Fault) {
        quiet = 0
        let name = try newest()
        var there = stat()
        guard stat(name, &there) == 0 else {
            close()
            throw fault(errno)
        }
        if there.st_ino != old.st_ino || there.st_dev != old.st_dev { try open(name) }
    }

    private mutating func readHead() throws(Fault) -> RecordLayout? {
        at = 0
        let head = try read(Self.headMax)
        at = 0
        guard let found = RecordLayout(head) else {
            guard head.count >= Self.headMax || !RecordLayout.isRecord(head) else { return nil }
            close()
            throw Fault("The flight log \(path) is no ULog; name the core's with --record.")
        }
        at = found.dataOffset
        return found
    }

    /// At most `count` bytes from `at` on.
    private mutating func read(_ count: Int) throws(Fault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(at)) }
        guard got >= 0 else { throw fault(errno) }
        at += got
        return Array(bytes[..<got])
    }

    private func fault(_ code: Int32) -> Fault {
        Fault(
            "The flight log \(path) cannot be read (\(String(cString: strerror(code)))), so motors and body rates are not "
                + "shown; start flightcore with --record and name its file with --record here.")
    }

    // MARK: What it says

    private mutating func takeMessages(_ layout: RecordLayout) -> Values? {
        var values = Values()
        var taken = 0
        while let (kind, body) = RecordLayout.message(rest, taken) {
            taken += 3 + body.count
            if let (topic, fields) = layout.data(kind, body) {
                take(topic, fields, &values)
            } else if kind != UInt8(ascii: "L") {
                lose()
                return values
            }
        }
        // What is no length must not be waited for.
        if RecordLayout.isTooLong(rest, taken) { lose() } else { rest.removeFirst(taken) }
        return taken > 0 ? values : nil
    }

    private mutating func lose() {
        isLost = true
        rest = []
    }

    private mutating func take(_ topic: RecordLayout.Topic, _ fields: ArraySlice<UInt8>, _ values: inout Values) {
        func floats(_ field: String, _ count: Int) -> [Float]? {
            let all = (0..<count).compactMap { topic.float(field, $0, fields) }
            return all.count == count ? all : nil
        }
        switch topic.name {
        case "vehicle_attitude":
            guard let q = floats("q", 4) else { return }
            let attitude = Quaternion(q[0], q[1], q[2], q[3])
            (values.roll, values.pitch, values.yaw) = (attitude.roll, attitude.pitch, attitude.yaw)
        case "vehicle_angular_velocity":
            if let xyz = floats("xyz", 3) { values.rates = Vector3(xyz[0], xyz[1], xyz[2]) }
        case "actuator_motors":
            if let control = floats("control", 4) { values.motors = control }
        case "battery_status": values.current = topic.float("current_a", 0, fields)
        case "ownership":
            guard let written = topic.integer("written_us", bytes: 8, fields), written > 0 else { return }
            if let lastWrite, written > lastWrite {
                values.gap = max(values.gap ?? 0, Float(written - lastWrite) / 1000)
            }
            lastWrite = written
        default: break
        }
    }
}
