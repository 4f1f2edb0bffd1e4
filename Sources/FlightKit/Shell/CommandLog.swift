internal import CContract
internal import Glibc
internal import Synchronization

/// `commands.log`: every command that was sent, as the contract lays it out, for the verdict.
final class CommandLog {
    /// Bytes: 3.5 hours at 500 Hz. The directory may be memory; what comes later is counted, not written.
    private static let sizeMax = 256 << 20
    /// Records written with one call.
    private static let batch = 512

    private let descriptor: Int32
    private let exchange: Exchange
    private let report: Report
    private var size: Int
    private var buffer: [da_command_record] = []
    private(set) var lost: UInt64 = 0

    init(_ exchange: Exchange, directory: String, _ report: Report) {
        let path = "\(directory)/\(DA_COMMAND_LOG)"
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        if descriptor < 0 {
            report.say("\(path) cannot be opened (\(String(cString: strerror(errno)))); this flight cannot be judged.")
        }
        size = descriptor < 0 ? 0 : max(0, Int(lseek(descriptor, 0, SEEK_END)))
        self.exchange = exchange
        self.report = report
        buffer.reserveCapacity(Self.batch)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Writes what waits; at most one ring full, so that it ends.
    func write() {
        for _ in 0..<Exchange.logCapacity / Self.batch {
            buffer.removeAll(keepingCapacity: true)
            while buffer.count < Self.batch, let record = exchange.log.pop() { buffer.append(record) }
            guard !buffer.isEmpty else { return }
            append()
        }
    }

    private func append() {
        buffer.withUnsafeBytes { bytes in
            guard descriptor >= 0, size + bytes.count <= Self.sizeMax else { return lose() }
            let written = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            // Whole records or none: a torn one would shift all that follow.
            guard written == bytes.count else {
                if written > 0 { ftruncate(descriptor, off_t(size)) }
                return lose()
            }
            size += written
        }
    }

    private func lose() {
        if lost == 0 && descriptor >= 0 {
            report.say("\(DA_COMMAND_LOG) takes no more (\(size) bytes); commands go unlogged from here on.")
        }
        lost &+= UInt64(buffer.count)
    }

    /// Says at the end what is missing.
    func finish() {
        write()
        let missing = lost &+ exchange.unlogged.load(ordering: .relaxed)
        if missing > 0 { report.say("\(missing) commands are missing in \(DA_COMMAND_LOG).") }
    }
}
