/// A span in which a heartbeat of highest priority did not run on its CPU: the host took the CPU away, and
/// no program on it can be blamed for what it missed.
package struct StallRecord: FixedRecord, Equatable {
    package static let magic: UInt32 = 0x5453_4144  // "DAST"
    package static let version: UInt16 = 1
    package static let size = 24

    /// ns, CLOCK_MONOTONIC: when the heartbeat was due.
    package var start: UInt64
    /// ns: when it ran.
    package var end: UInt64
    package var cpu: Int32

    package init(start: UInt64, end: UInt64, cpu: Int32) {
        self.start = start
        self.end = end
        self.cpu = cpu
    }

    package func encode(_ bytes: inout ByteWriter) {
        bytes.put(start)
        bytes.put(end)
        bytes.put(cpu)
        bytes.put(UInt32(0))
    }

    package init(_ bytes: inout ByteReader) {
        start = bytes.take()
        end = bytes.take()
        cpu = bytes.take()
    }
}
