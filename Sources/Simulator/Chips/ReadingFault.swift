/// A chip that answers, but with other than what is so.
package struct ReadingFault: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// The first reading is given again and again.
        case frozen
        /// Bytes from `at` on, of a reading that begins at `register`, are these.
        case replaced(register: UInt8, at: Int, bytes: [UInt8])
    }

    package var kind: Kind
    /// Of the chip.
    package var address: UInt8
    /// ns.
    package var span: Range<UInt64>
    /// What a frozen chip gives, by register.
    private var kept: [UInt8: Block] = [:]

    package init(_ kind: Kind, address: UInt8, span: Range<UInt64>) {
        self.kind = kind
        self.address = address
        self.span = span
    }

    /// Changes what a reading of `register` at `time` gives.
    mutating func distort(_ block: inout Block, register: UInt8, at time: UInt64) {
        guard span.contains(time) else { return }
        switch kind {
        case .frozen: if let old = kept[register] { block = old } else { kept[register] = block }
        case .replaced(let first, let at, let bytes):
            guard register == first else { return }
            for (index, byte) in bytes.enumerated() where at + index < block.count { block[at + index] = byte }
        }
    }

    package static func == (a: ReadingFault, b: ReadingFault) -> Bool {
        a.kind == b.kind && a.address == b.address && a.span == b.span
    }
}
