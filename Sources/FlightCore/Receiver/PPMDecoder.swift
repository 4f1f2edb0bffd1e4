/// Finds PPM-sum frames in the time stamps of a line's edges, one kind of edge only.
///
/// A channel is the time from one edge to the next; a longer pause begins a frame. One wrong edge puts every channel
/// behind it on another stick, so nothing of a frame counts that is not right as a whole.
package struct PPMDecoder: BitwiseCopyable, Sendable {
    /// ns of a channel: 1 to 2 ms by custom, and what transmitters make of trims and extended ranges.
    package static let pulse: ClosedRange<UInt64> = 700_000...2_300_000
    /// Least pause between two frames, ns.
    package static let syncMin: UInt64 = 2_700_000
    /// A longer pause, ns, is a silence: the frame before it is no longer what the pilot wants. A frame of the slowest
    /// sets, 22.5 ms, with four short channels leaves 20.
    package static let syncMax: UInt64 = 30_000_000
    /// Least number of channels: the four sticks.
    package static let channelsMin = 4
    /// Frames in a row with another number of channels than so far, until they count. One missed edge may make two frames
    /// of one, with the same number, and the second would put other channels on the sticks.
    private static let alikeMin = 3

    /// What an edge comes to.
    package enum Outcome: BitwiseCopyable, Sendable {
        /// Nothing yet.
        case pending
        /// It closed a frame that counts.
        case frame(PPMFrame)
        /// It, or the frame that it closed, is not to be trusted; a frame that has begun is left out.
        case refused
    }

    /// What was heard since the start.
    package struct Counts: BitwiseCopyable, Sendable {
        package var edges: UInt64 = 0
        package var frames: UInt64 = 0
        /// Channels too short or too long, or too many of them: noise, or an edge that was missed.
        package var badPulses: UInt64 = 0
        /// Frames with too few channels, or with another number than so far.
        package var badFrames: UInt64 = 0
        /// Time stamps that lie before the one before.
        package var backwards: UInt64 = 0
    }

    package private(set) var counts = Counts()
    /// Of the last edge, ns; nil: none yet.
    private var last: UInt64?
    /// A pause was seen, and everything since was right.
    private var isOpen = false
    private var frame = PPMFrame()
    /// Channels of the last frame that counted, of the last that was whole, and how many such there were in a row.
    private var agreed = 0
    private var before = 0
    private var alike = 0

    package init() {}

    /// One edge, at `time` (ns).
    @_noAllocation
    package mutating func take(_ time: UInt64) -> Outcome {
        counts.edges &+= 1
        guard let former = last else {
            last = time
            return .pending
        }
        // It is gone on with from here, or one stamp from the future would silence all that come.
        last = time
        guard time >= former else {
            counts.backwards &+= 1
            return refuse()
        }
        let gap = time &- former
        if gap >= Self.syncMin { return close(at: time, after: gap) }
        guard isOpen else { return .pending }
        guard gap >= Self.pulse.lowerBound, gap <= Self.pulse.upperBound, !frame.isFull else {
            counts.badPulses &+= 1
            return refuse()
        }
        frame.append(gap)
        return .pending
    }

    /// A core before this one has heard `former`: its number of channels holds, the frame under way is lost.
    @_noAllocation
    package mutating func takeUp(_ former: PPMDecoder) {
        self = former
        last = nil
        isOpen = false
    }

    private mutating func refuse() -> Outcome {
        isOpen = false
        alike = 0
        return .refused
    }

    /// The edge behind a pause of `gap` ns ends a frame and begins the next.
    private mutating func close(at time: UInt64, after gap: UInt64) -> Outcome {
        let wasOpen = isOpen
        var whole = frame
        whole.closedAt = time
        isOpen = true
        frame = PPMFrame()
        guard wasOpen, gap <= Self.syncMax else { return .pending }
        // A missed or an additional edge changes the number.
        alike = whole.count == before ? alike &+ 1 : 1
        before = whole.count
        guard whole.count >= Self.channelsMin, whole.count == agreed || alike >= Self.alikeMin else {
            counts.badFrames &+= 1
            return .refused
        }
        agreed = whole.count
        counts.frames &+= 1
        return .frame(whole)
    }
}
