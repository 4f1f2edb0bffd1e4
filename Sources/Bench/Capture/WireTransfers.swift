/// Transfers on an I2C bus from the levels of its two lines (UM10204, section 3.1). Pure.
package struct WireTransfers: Sendable {
    /// From a START, or a repeated one, to the next or to the STOP.
    package struct Transfer: Equatable, Sendable {
        /// ns of the START and of what ended it.
        package var start: UInt64
        package var stop: UInt64 = 0
        package var address: UInt8 = 0
        package var isRead = false
        /// Behind the address, each acknowledged but for the one at `refusedAt`.
        package var bytes: [UInt8] = []
        /// Which byte was not acknowledged; -1 is the address. Nil: none.
        package var refusedAt: Int?
    }

    /// Bytes of one transfer; more are none of ours.
    private static let bytesMax = 64

    private var clock = true
    private var data = true
    private var transfer: Transfer?
    private var bits: UInt16 = 0
    private var bitCount = 0
    private var hasAddress = false

    package init() {}

    /// Levels from `time` (ns) on. Both lines may change at once, as far as the capture tells: data change then while the
    /// clock is low.
    ///
    /// - Returns: the transfer that ends here.
    package mutating func take(_ time: UInt64, clock newClock: Bool, data newData: Bool) -> Transfer? {
        defer { (clock, data) = (newClock, newData) }
        if clock, newClock, data != newData {
            let ended = end(time)
            if !newData { begin(time) }
            return ended
        }
        if !clock, newClock { sample(newData) }
        return nil
    }

    private mutating func begin(_ time: UInt64) {
        transfer = Transfer(start: time)
        (bits, bitCount, hasAddress) = (0, 0, false)
    }

    /// Also a transfer that was broken off in the middle of a byte.
    private mutating func end(_ time: UInt64) -> Transfer? {
        guard var ended = transfer, hasAddress else {
            transfer = nil
            return nil
        }
        transfer = nil
        ended.stop = time
        return ended
    }

    private mutating func sample(_ level: Bool) {
        guard transfer != nil else { return }
        guard bitCount == 8 else {
            bits = bits << 1 | (level ? 1 : 0)
            bitCount += 1
            return
        }
        let byte = UInt8(truncatingIfNeeded: bits)
        (bits, bitCount) = (0, 0)
        if hasAddress {
            guard let count = transfer?.bytes.count, count < Self.bytesMax else { return }
            transfer?.bytes.append(byte)
            // The master that reads does not acknowledge the last byte: that is how it ends.
            if level, transfer?.isRead == false { refuse(count) }
        } else {
            hasAddress = true
            transfer?.address = byte >> 1
            transfer?.isRead = byte & 1 == 1
            if level { refuse(-1) }
        }
    }

    private mutating func refuse(_ index: Int) {
        if transfer?.refusedAt == nil { transfer?.refusedAt = index }
    }
}
