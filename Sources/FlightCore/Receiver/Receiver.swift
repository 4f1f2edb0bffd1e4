import CBoard
import CContract

/// The pilot's receiver as the tick has it: its line, what the edges say, and whether its link is up.
package struct Receiver {
    /// nil: the board has no receiver.
    private let edges: da_edges?
    package private(set) var decoder = PPMDecoder()
    package private(set) var link: ReceiverLink
    /// Times that the line could not be read.
    package private(set) var readsFailed: UInt64 = 0

    init(_ edges: da_edges?, _ board: da_board) {
        self.edges = board.receiver.offset >= 0 ? edges : nil
        link = ReceiverLink(board)
    }

    /// Takes in the edges since the last tick, at most `DA_EDGES`: more than come in one but from noise, and that must
    /// not hold the tick.
    @_noAllocation
    mutating func listen(now: UInt64) {
        guard let edges else { return }
        var times = InlineArray<16, UInt64>(repeating: 0)
        let count = edges.take(&times)
        if count < 0 { readsFailed &+= 1 }
        var index = 0
        while index < times.count, index < Int(count) {
            switch decoder.take(times[index]) {
            case .pending: break
            case .frame(let frame): link.take(frame, now: now)
            case .refused: link.refuse()
            }
            index &+= 1
        }
        link.step(now: now)
    }

    /// Goes on with what a core before this one heard. `now` in ns.
    @_noAllocation
    mutating func takeUp(_ decoder: PPMDecoder, _ link: ReceiverLink, now: UInt64) {
        guard edges != nil else { return }
        self.decoder.takeUp(decoder)
        self.link.takeUp(link, now: now)
    }
}

extension da_edges {
    /// Time stamps into `times`, at most as many as it holds. Returns a count or a negative errno.
    @inline(__always)
    func take<let room: Int>(_ times: inout InlineArray<room, UInt64>) -> Int32 {
        var span = times.mutableSpan
        return span.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return -22 }
            return withUnsafePointer(to: self) { da_edges_take($0, base, UInt32(room)) }
        }
    }
}
