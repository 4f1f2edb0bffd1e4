import Airframe
import CContract
import FlightCore
import Testing

/// Frames out of edges: what is right counts, and of what is wrong nothing does.
@Suite struct PPMDecoderTests {
    private static let sticks = [1000, 1200, 1400, 1500, 1600, 1800, 2000, 1100]

    private func train(_ frames: Int, _ widths: [Int] = sticks) -> PPMTrain {
        var train = PPMTrain()
        for _ in 0..<frames { train.frame(widths) }
        return train
    }

    /// The first frame's begin is not known, the next two's number of channels not confirmed, the last is not closed.
    @Test(arguments: [4, 6, 8, 12]) func cleanFramesAreHeard(channels: Int) {
        let widths = (0..<channels).map { 1000 + 80 * $0 }
        var decoder = PPMDecoder()
        #expect(PPMTrain.heard(train(10, widths).edges, &decoder) == Array(repeating: widths, count: 6))
        #expect(decoder.counts.frames == 6 && decoder.counts.edges == UInt64(10 * (channels + 1)))
        #expect(decoder.counts.badPulses == 0 && decoder.counts.badFrames == 2 && decoder.counts.backwards == 0)
    }

    @Test func jitterDoesNotMatter() {
        var random = RandomSource(seed: 1)
        let edges = train(100).edges.map { $0 + UInt64(random.uniform(0, 8000)) }
        let frames = PPMTrain.heard(edges)
        #expect(frames.count == 96)
        for frame in frames { #expect(zip(frame, Self.sticks).allSatisfy { abs($0 - $1) <= 8 } && frame.count == 8) }
    }

    @Test func theFrameIsOfTheEdgeThatClosedIt() {
        let edges = train(5).edges
        var decoder = PPMDecoder()
        for edge in edges {
            if case .frame(let frame) = decoder.take(edge) { #expect(frame.closedAt == edge && edge == edges[36]) }
        }
        #expect(decoder.counts.frames == 1)
    }

    @Test(arguments: [(700, true), (2300, true), (699, false), (2301, false), (2699, false)])
    func aChannelHasItsRange(width: Int, counts: Bool) {
        var widths = Self.sticks
        widths[3] = width
        #expect(PPMTrain.heard(train(7, widths).edges).count == (counts ? 3 : 0))
    }

    /// Each edge of a frame once: that frame is lost, and no other is spoilt.
    @Test(arguments: 0..<9) func aMissedEdgeCostsItsFrame(edge: Int) {
        var edges = train(10).edges
        edges.remove(at: 5 * 9 + edge)
        let frames = PPMTrain.heard(edges)
        #expect(frames == Array(repeating: Self.sticks, count: 5))
    }

    /// Two channels in one look like a pause, and the frame like two: neither counts, be they alike.
    @Test(arguments: [8, 10, 12]) func aMissedEdgeMakesNoTwoFramesOfOne(channels: Int) {
        let widths = (0..<channels).map { 1500 + $0 }
        let clean = train(10, widths).edges
        for edge in 0...channels {
            var edges = clean
            edges.remove(at: 5 * (channels + 1) + edge)
            #expect(PPMTrain.heard(edges) == Array(repeating: widths, count: 5), "edge \(edge)")
        }
    }

    /// An edge too much, anywhere in a frame and its pause.
    @Test func aNoiseEdgeCostsAFrameOrTwo() {
        let clean = train(10).edges
        let (begin, end) = (clean[5 * 9], clean[6 * 9])
        for noise in stride(from: begin + 1, to: end, by: 37_000) {
            var decoder = PPMDecoder()
            let frames = PPMTrain.heard((clean + [noise]).sorted(), &decoder)
            #expect(frames.allSatisfy { $0 == Self.sticks }, "noise \(noise - begin) ns behind the frame's begin")
            #expect(frames.count >= 5 && frames.count <= 6)
            #expect(decoder.counts.badPulses + decoder.counts.badFrames > 2)
        }
    }

    /// Nothing tells a frame with another number of channels from one with an edge too few, but that it comes again.
    @Test func anotherNumberOfChannelsCountsFromTheThirdOn() {
        var train = train(5)
        let six = Array(Self.sticks.prefix(6))
        train.frame(six)
        train.frame(Self.sticks)
        train.frame(Self.sticks)
        for _ in 0..<5 { train.frame(six) }
        let frames = PPMTrain.heard(train.edges)
        #expect(frames.map(\.count) == [8, 8, 8, 8, 6, 6])
    }

    @Test(arguments: [1, 3, 13, 16]) func tooFewAndTooManyChannelsNeverCount(channels: Int) {
        var decoder = PPMDecoder()
        let edges = train(10, Array(repeating: 1500, count: channels)).edges
        #expect(PPMTrain.heard(edges, &decoder).isEmpty && decoder.counts.frames == 0)
        #expect(decoder.counts.badFrames + decoder.counts.badPulses > 7)
    }

    /// One stamp from the past, or from the future, and all those behind it.
    @Test(arguments: [-5_000_000_000, -1, 3_600_000_000_000]) func timeThatGoesBackwardsIsCounted(jump: Int) {
        var edges = train(12).edges
        edges[50] = UInt64(Int(edges[50]) + jump)
        if jump == -1 { edges[50] = edges[49] - 1 }
        var decoder = PPMDecoder()
        let frames = PPMTrain.heard(edges, &decoder)
        #expect(frames.allSatisfy { $0 == Self.sticks } && frames.count >= 7)
        #expect(decoder.counts.backwards == 1)
    }

    /// What was sent before a silence is no longer what the pilot wants.
    @Test func theFrameBeforeASilenceDoesNotCount() {
        var train = train(7)
        train.time += 200_000_000
        let other = Self.sticks.map { $0 + 50 }
        for _ in 0..<3 { train.frame(other) }
        #expect(PPMTrain.heard(train.edges) == [Self.sticks, Self.sticks, Self.sticks, other, other])
    }

    /// A core that takes up a flight knows how many channels there are: the first whole frame counts.
    @Test func theNumberOfChannelsOutlivesTheCore() {
        let train = train(9)
        var decoder = PPMDecoder()
        _ = PPMTrain.heard(Array(train.edges.prefix(40)), &decoder)
        var next = PPMDecoder()
        next.takeUp(decoder)
        #expect(PPMTrain.heard(Array(train.edges[48...]), &next) == [Self.sticks, Self.sticks])
    }

    /// A line that is open, or that picks up the motors: no trap, and never a value that no frame may have.
    @Test func aMillionRandomEdgesComeToNothingWrong() {
        var random = RandomSource(seed: 7)
        var decoder = PPMDecoder()
        var link = ReceiverLink(receiverBoard())
        var time: UInt64 = 1
        var rose = 0
        for _ in 0..<1_000_000 {
            // Mostly what a channel or a pause could be, so that some frames come about.
            switch random.uniform() {
            case ..<0.9: time &+= UInt64(random.uniform(650_000, 2_310_000))
            case ..<0.995: time &+= UInt64(random.uniform(2_600_000, 31_000_000))
            case ..<0.999: time &+= random.next() % 3_000_000
            case ..<0.9999: time = random.next() % (time &+ 1)
            default: time = random.next()
            }
            switch decoder.take(time) {
            case .pending: break
            case .refused: link.refuse()
            case .frame(let frame):
                #expect(frame.count >= 4 && frame.count <= 12)
                #expect(frame.microseconds.allSatisfy { $0 >= 700 && $0 <= 2300 } && frame.width(0) == nil)
                #expect(frame.width(UInt8(frame.count) + 1) == nil)
                link.take(frame, now: time)
            }
            link.step(now: time)
            let wanted = link.setpoint
            let isWithin =
                abs(wanted.roll) <= 0.75 && abs(wanted.pitch) <= 0.75 && abs(wanted.yaw_rate) <= 4
                && abs(wanted.climb) <= 1.5
            if !isWithin { Issue.record("\(wanted)") }
            rose += link.isUp ? 1 : 0
        }
        let counts = decoder.counts
        #expect(counts.edges == 1_000_000 && counts.frames > 100 && counts.badPulses > 1000)
        #expect(counts.badFrames > 1000 && counts.backwards > 10)
        #expect(rose == 0, "five frames in a row that are right as a whole")
    }
}
