import CContract

/// One whole PPM-sum frame: a width for each channel, in the order in which they came.
package struct PPMFrame: BitwiseCopyable, Sendable {
    package private(set) var count = 0
    /// ns of the edge that closed it, the next frame's first.
    package var closedAt: UInt64 = 0
    private var widths = InlineArray<12, UInt32>(repeating: 0)

    package init() {}

    /// Whether it has as many channels as a frame may have.
    package var isFull: Bool { count == Int(DA_PPM_CHANNELS) }

    /// Adds a channel of `nanoseconds`; one too many is left out.
    @_noAllocation
    package mutating func append(_ nanoseconds: UInt64) {
        guard !isFull else { return }
        widths[count] = UInt32(truncatingIfNeeded: nanoseconds)
        count &+= 1
    }

    /// Width of a channel, s; 1 is the first. Nil: the frame has no such channel.
    @_noAllocation
    package func width(_ channel: UInt8) -> Float? {
        guard channel >= 1, Int(channel) <= count else { return nil }
        return Float(widths[Int(channel) &- 1]) * 1e-9
    }
}
