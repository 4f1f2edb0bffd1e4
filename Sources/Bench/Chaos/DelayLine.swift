/// One direction of a proxied connection: pieces wait until they are due, in order, in bounded memory.
struct DelayLine {
    /// Bytes that wait at most; beyond it the sender has to wait.
    static let bytesMax = 1 << 20

    private var pieces: [(due: UInt64, bytes: [UInt8])] = []
    private(set) var bytes = 0
    /// ns: before that nothing goes on, for the rate was used up.
    private var free: UInt64 = 0

    var hasRoom: Bool { bytes < Self.bytesMax }
    var isEmpty: Bool { pieces.isEmpty }

    /// When the next piece may go on, ns; nil: none waits.
    var due: UInt64? { pieces.first.map { max($0.due, free) } }

    /// Puts a piece in; it may not overtake those before it.
    mutating func put(_ piece: [UInt8], due: UInt64) {
        guard !piece.isEmpty else { return }
        pieces.append((max(due, pieces.last?.due ?? 0), piece))
        bytes += piece.count
    }

    /// What may go on now, at most a tenth of a second of `rate` (bytes a second; nil: no limit).
    func next(_ now: UInt64, rate: Int?) -> ArraySlice<UInt8>? {
        guard let first = pieces.first, let due, due <= now else { return nil }
        return first.bytes.prefix(rate.map { max(1, $0 / 10) } ?? first.bytes.count)
    }

    /// So many bytes went on.
    mutating func drop(_ count: Int, _ now: UInt64, rate: Int?) {
        guard let first = pieces.first, count > 0 else { return }
        bytes -= count
        if count >= first.bytes.count { pieces.removeFirst() } else { pieces[0].bytes.removeFirst(count) }
        if let rate { free = now + UInt64(count) * 1_000_000_000 / UInt64(max(1, rate)) }
    }
}
