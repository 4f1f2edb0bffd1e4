import FlightCore

/// Edges of PPM-sum frames, written by hand.
struct PPMTrain {
    private(set) var edges: [UInt64] = []
    /// ns of the next frame's first edge.
    var time: UInt64 = 10_000_000_000

    /// Channels of `widths` µs, then a pause of `pause` µs.
    mutating func frame(_ widths: [Int], pause: Int = 6000) {
        edges.append(time)
        for width in widths {
            time += UInt64(width) * 1000
            edges.append(time)
        }
        time += UInt64(pause) * 1000
    }

    /// The widths of the frames that `decoder` lets count, µs.
    static func heard(_ edges: [UInt64], _ decoder: inout PPMDecoder) -> [[Int]] {
        var frames: [[Int]] = []
        for edge in edges { if case .frame(let frame) = decoder.take(edge) { frames.append(frame.microseconds) } }
        return frames
    }

    static func heard(_ edges: [UInt64]) -> [[Int]] {
        var decoder = PPMDecoder()
        return heard(edges, &decoder)
    }
}

extension PPMFrame {
    /// A frame of `widths` µs, closed at `time` (ns).
    init(_ widths: [Int], at time: UInt64) {
        self.init()
        for width in widths { append(UInt64(width) * 1000) }
        closedAt = time
    }

    var microseconds: [Int] {
        (1...max(1, UInt8(count))).compactMap { width($0) }.map { Int(($0 * 1e6).rounded()) }
    }
}
