import CBoard

// The generic ones carry no annotation: the compiler checks them where an annotated caller specialises them.
extension da_bus {
    /// Reads `count` registers from `register` on. Returns 0 or a negative errno.
    @inline(__always)
    func read<let count: Int>(_ address: UInt8, _ register: UInt8, _ bytes: inout InlineArray<count, UInt8>) -> Int32 {
        var span = bytes.mutableSpan
        return span.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return -22 }
            return withUnsafePointer(to: self) { da_bus_read($0, address, register, base, UInt8(count)) }
        }
    }

    /// Writes `bytes` to `register` and those behind it. Returns 0 or a negative errno.
    @inline(__always)
    func write<let count: Int>(_ address: UInt8, _ register: UInt8, _ bytes: InlineArray<count, UInt8>) -> Int32 {
        var copy = bytes  // its mutable span: ending a borrowed one's life counts as a deallocation
        var span = copy.mutableSpan
        return span.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return -22 }
            return withUnsafePointer(to: self) { da_bus_write($0, address, register, base, UInt8(count)) }
        }
    }

    /// Reads one register. Returns nil when the transfer failed.
    @_noAllocation @inline(__always)
    func register(_ address: UInt8, _ register: UInt8) -> UInt8? {
        var byte: InlineArray<1, UInt8> = [0]
        return read(address, register, &byte) == 0 ? byte[0] : nil
    }

    /// Writes one register. Returns whether the chip took it.
    @_noAllocation @inline(__always)
    func set(_ address: UInt8, _ register: UInt8, _ value: UInt8) -> Bool {
        write(address, register, [value]) == 0
    }
}
