package import Airframe

/// A pilot's receiver with PPM-sum on one line: a frame after the other, each of some channels and a pause, as edges with
/// their times. What the transmitter sends, and what becomes of it on the way, is a test's to change while it runs.
package struct PPMReceiver: Sendable {
    package struct Parameters: Sendable {
        package var channels = 8
        /// s from one frame's begin to the next one's; each draws its own.
        package var period = 20e-3...22.5e-3
        /// s RMS, of each edge: the receiver's own, and the kernel's interrupt.
        package var jitter = 2e-6
        /// s of the pulse that begins each channel: its falling edge comes so much later.
        package var pulse = 300e-6
        /// Whether the core looks at falling edges.
        package var isFalling = false

        package init() {}
    }

    /// How the receiver fares.
    package enum State: Sendable {
        case hears
        /// Nothing comes on the line: no power, or a receiver that is set to stop.
        case silent
        /// The transmitter is lost and the last frame is repeated, as many receivers do.
        case repeats
        /// The transmitter is lost and `failsafe` is sent.
        case fails
    }

    /// s of each channel, as the sticks stand.
    package var channels: [Double]
    /// s of each channel that it was told to send without a transmitter.
    package var failsafe: [Double]
    package var state = State.hears
    /// Share of edges that never come.
    package var dropped = 0.0
    /// Frames that were sent.
    package private(set) var frames = 0

    private let parameters: Parameters
    private var random: RandomSource
    private var sent: [Double]
    private var nextFrame: UInt64
    /// ns of edges that nobody has taken, some of them still to come.
    private var edges: [UInt64] = []

    /// Edges that are kept, as the kernel does: then the oldest go.
    private static let capacity = 64
    /// Least pause behind the last channel, s: a frame that is full is longer than others.
    private static let pauseMin = 3e-3

    /// `start` in ns.
    package init(_ parameters: Parameters, start: UInt64, random: RandomSource) {
        self.parameters = parameters
        self.random = random
        channels = Array(repeating: 1.5e-3, count: parameters.channels)
        failsafe = channels
        sent = channels
        nextFrame = start
    }

    /// Sends the frames that begin until `time` (ns).
    mutating func advance(to time: UInt64) {
        while nextFrame <= time {
            let length = sendFrame()
            let period = max(
                random.uniform(parameters.period.lowerBound, parameters.period.upperBound), length + Self.pauseMin)
            nextFrame &+= UInt64(period * 1e9)
        }
    }

    /// Sends nothing until `time` (ns).
    mutating func skip(to time: UInt64) { nextFrame = max(nextFrame, time) }

    /// Returns its length, s.
    private mutating func sendFrame() -> Double {
        switch state {
        case .hears: sent = channels
        case .fails: sent = failsafe
        case .repeats, .silent: break
        }
        var offset = parameters.isFalling ? parameters.pulse : 0
        for width in [0] + sent {
            offset += width
            // Drawn for every edge, so that one that is dropped shifts no other.
            let late = max(0, offset + parameters.jitter * random.gaussian())
            let comes = random.uniform() >= dropped
            if comes, state != .silent { edges.append(nextFrame &+ UInt64(late * 1e9)) }
        }
        frames += 1
        if edges.count > Self.capacity { edges.removeFirst(edges.count - Self.capacity) }
        return offset
    }

    /// Takes the oldest edges until `time` (ns) away, at most `room`.
    package mutating func take(until time: UInt64, room: Int) -> ArraySlice<UInt64> {
        let due = edges.prefix { $0 <= time }.prefix(room)
        edges.removeFirst(due.count)
        return due
    }
}
