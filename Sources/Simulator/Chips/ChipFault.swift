/// Something that goes wrong on a bus, once or a few times.
package struct ChipFault: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// The chip does not answer its address: -ENXIO, nothing happens.
        case nackAddress
        /// A write's data byte number `index` (from 0) is refused: -EREMOTEIO, those before it were taken. A
        /// read fails at the address.
        case nackByte(Int)
        /// The bus stands still for so many ms, then the transfer ends with -ETIMEDOUT without effect.
        case hang(milliseconds: Int)
        /// Only the first `bytes` of a write are taken and the master hears of an error of the bus: -EIO.
        case torn(bytes: Int)
        /// The chip falls back to its state at power-up and then serves the transfer.
        case brownOut
    }

    package enum Trigger: Sendable, Equatable {
        /// The first matching transfer that begins at this time (ns) or later.
        case time(UInt64)
        /// The matching transfer of this number, counted from 0.
        case transfer(Int)
    }

    package enum Direction: Sendable {
        case read
        case write
        case both
    }

    package var kind: Kind
    package var trigger: Trigger
    /// Of the chip; nil: any.
    package var address: UInt8?
    package var direction: Direction
    /// How many matching transfers in a row it hits.
    package var repeats: Int

    package init(
        _ kind: Kind, _ trigger: Trigger, address: UInt8? = nil, direction: Direction = .both, repeats: Int = 1
    ) {
        self.kind = kind
        self.trigger = trigger
        self.address = address
        self.direction = direction
        self.repeats = repeats
    }
}

/// The faults of one flight, each asked of every transfer. Bounded by what is put in; spent ones are removed.
package struct FaultSchedule: Sendable {
    private struct Entry {
        var fault: ChipFault
        var seen = 0
        var hits = 0
    }

    private var entries: [Entry] = []
    /// Faults that took place, counted.
    package private(set) var injected = 0

    package init(_ faults: [ChipFault] = []) {
        entries = faults.map { Entry(fault: $0) }
    }

    package mutating func add(_ fault: ChipFault) { entries.append(Entry(fault: fault)) }

    package var isEmpty: Bool { entries.isEmpty }

    /// What goes wrong with this transfer; the first fault that fits wins.
    package mutating func next(address: UInt8, isWrite: Bool, at time: UInt64) -> ChipFault.Kind? {
        guard !entries.isEmpty else { return nil }
        var found: ChipFault.Kind?
        for index in entries.indices {
            let fault = entries[index].fault
            guard fault.address == nil || fault.address == address else { continue }
            guard fault.direction == .both || (fault.direction == .write) == isWrite else { continue }
            let number = entries[index].seen
            entries[index].seen += 1
            let due =
                switch fault.trigger {
                case .time(let from): time >= from
                case .transfer(let at): number >= at
                }
            guard due && found == nil else { continue }
            found = fault.kind
            entries[index].hits += 1
            injected += 1
        }
        entries.removeAll { $0.hits >= $0.fault.repeats }
        return found
    }
}
