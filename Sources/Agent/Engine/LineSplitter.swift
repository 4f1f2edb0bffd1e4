/// Makes lines of bytes that arrive in pieces; a line that never ends is an error, not memory.
package struct LineSplitter: Sendable {
    /// Longest line, bytes: an engine's progress line has some 200, a plan some thousands.
    package static let lineMax = 65_536

    private var rest: [UInt8] = []

    package init() {}

    /// The lines that `bytes` completes, without their line feeds; empty ones are left out.
    ///
    /// - Throws: `Fault` when a line grows beyond `lineMax`.
    package mutating func add(_ bytes: some Sequence<UInt8>) throws(Fault) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            if byte == 0x0A {
                if !rest.isEmpty { lines.append(rest) }
                rest.removeAll(keepingCapacity: true)
            } else {
                guard rest.count < Self.lineMax else {
                    throw Fault(
                        "A line is longer than \(Self.lineMax) bytes; the other side does not speak line by line.")
                }
                rest.append(byte)
            }
        }
        return lines
    }
}
