import CContract
import FlightCore
import Testing

/// A link in virtual time: when it is up, when it is lost, and what it asks for.
@Suite struct ReceiverLinkTests {
    private static let period: UInt64 = 22_500_000
    private static let centred = [1500, 1500, 1500, 1500, 1500, 1500, 1500, 1500]

    /// A link and the time of its last frame, ns.
    private struct Listening {
        var link: ReceiverLink
        var time: UInt64 = 1_000_000_000

        init(_ board: da_board = receiverBoard()) { link = ReceiverLink(board) }

        mutating func hear(_ widths: [Int], times: Int = 1) {
            for _ in 0..<times {
                time += ReceiverLinkTests.period
                link.take(PPMFrame(widths, at: time), now: time + 1_000_000)
                link.step(now: time + 1_000_000)
            }
        }
    }

    private func up(_ board: da_board = receiverBoard()) -> Listening {
        var listening = Listening(board)
        listening.hear(Self.centred, times: 5)
        return listening
    }

    /// What `widths` ask for over a link that is up.
    private func wanted(_ widths: [Int], _ board: da_board = receiverBoard()) -> da_setpoint {
        var listening = up(board)
        listening.hear(widths)
        #expect(listening.link.isUp)
        return listening.link.setpoint
    }

    @Test func aLinkRisesWithTheFifthFrameInARow() {
        var listening = Listening()
        listening.hear(Self.centred, times: 4)
        #expect(!listening.link.isUp)
        listening.link.refuse()
        listening.hear(Self.centred, times: 4)
        #expect(!listening.link.isUp)
        listening.hear(Self.centred)
        #expect(listening.link.isUp)
        listening.link.refuse()
        #expect(listening.link.isUp, "one bad frame ends none")
    }

    /// Whatever the tick rate, and however the last frame lies to the ticks.
    @Test(arguments: [UInt64(250), 400, 500, 1000]) func aSilenceIsNoticedWithinATenthOfASecond(rate: UInt64) {
        let tick = 1_000_000_000 / rate
        for phase in stride(from: UInt64(0), to: tick, by: 250_000) {
            var listening = up()
            let heard = listening.time
            var now = heard + phase
            while listening.link.isUp, now < heard + 1_000_000_000 {
                now += tick
                listening.link.step(now: now)
            }
            #expect(now - heard <= 100_000_000 && now - heard > 90_000_000, "\(now - heard) ns")
        }
    }

    @Test func threeMissedFramesAreNoLostLink() {
        var listening = up()
        for _ in 0..<50 {
            let missed = listening.time + 3 * Self.period + 3_000_000
            listening.link.step(now: missed)
            listening.time += 3 * Self.period
            listening.hear(Self.centred)
            #expect(listening.link.isUp)
        }
    }

    /// A receiver that goes on sending says by one channel that it hears nothing.
    @Test func theFailsafeValueEndsTheLinkWithItsSecondFrame() {
        var listening = up()
        listening.hear([1600, 1500, 1700, 1500, 1500, 1500, 1500, 1500])
        let before = listening.link.setpoint
        #expect(before.climb > 0)
        let lost = [1500, 1500, 940, 1500, 1500, 1500, 1500, 1500]
        listening.hear(lost)
        #expect(listening.link.isUp && listening.link.setpoint.climb == before.climb, "it is not flown")
        listening.hear(lost)
        #expect(!listening.link.isUp)
        listening.hear(lost, times: 50)
        #expect(!listening.link.isUp)
        listening.hear(Self.centred, times: 4)
        #expect(!listening.link.isUp)
        listening.hear(Self.centred)
        #expect(listening.link.isUp && listening.link.setpoint.climb == 0)
    }

    @Test func oneDisturbedFrameIsNoFailsafe() {
        var listening = up()
        for _ in 0..<20 {
            listening.hear([1500, 1500, 940, 1500, 1500, 1500, 1500, 1500])
            listening.hear(Self.centred)
            #expect(listening.link.isUp)
        }
    }

    @Test func sticksGoFromEndToEnd() {
        func expect(_ widths: [Int], _ roll: Float, _ pitch: Float, _ climb: Float, _ yawRate: Float) {
            let setpoint = wanted(widths)
            #expect(abs(setpoint.roll - roll) < 1e-5 && abs(setpoint.pitch - pitch) < 1e-5, "\(widths)")
            #expect(abs(setpoint.climb - climb) < 1e-5 && abs(setpoint.yaw_rate - yawRate) < 1e-5, "\(widths)")
        }
        // Pitch is reversed.
        expect([1000, 1000, 1000, 1000], -0.75, 0.75, -1.5, -4)
        expect([2000, 2000, 2000, 2000], 0.75, -0.75, 1.5, 4)
        expect([2300, 700, 2300, 2300], 0.75, 0.75, 1.5, 4)
        expect([1755, 1500, 1245, 1500], 0.375, 0, -0.75, 0)
    }

    /// Nothing within it, and no step at its edge.
    @Test func theDeadbandHasNoStep() {
        for width in 1490...1510 {
            #expect(abs(wanted([width, 1500, 1500, 1500]).roll) < 1e-6)
        }
        var last = wanted([1000, 1500, 1500, 1500]).roll
        for width in 1001...2000 {
            let roll = wanted([width, 1500, 1500, 1500]).roll
            #expect(roll >= last - 1e-6 && roll - last < 0.002)
            last = roll
        }
    }

    @Test func channelsAndCentreAreTheBoardFiles() {
        var board = receiverBoard()
        board.receiver.channel = (8, 7, 6, 5)
        board.receiver.reversed = 0b1001
        board.receiver.range = (0.9e-3, 1.4e-3, 2.1e-3)
        board.receiver.failsafe_channel = 0
        let setpoint = wanted([1500, 1500, 1500, 1500, 900, 1400, 2100, 2100], board)
        #expect(setpoint.roll == -0.75 && setpoint.climb == 0)
        #expect(abs(setpoint.pitch - 0.75) < 1e-5 && abs(setpoint.yaw_rate - 4) < 1e-5)
    }

    @Test func aFrameWithoutANeededChannelIsNone() {
        var board = receiverBoard()
        board.receiver.channel = (1, 2, 3, 8)
        var listening = Listening(board)
        listening.hear([1500, 1500, 1500, 1500, 1500, 1500], times: 50)
        #expect(!listening.link.isUp)
        listening.hear(Self.centred, times: 5)
        #expect(listening.link.isUp)
        board.receiver.channel = (1, 2, 3, 4)
        board.receiver.failsafe_channel = 9
        listening = Listening(board)
        listening.hear(Self.centred, times: 50)
        #expect(!listening.link.isUp)
    }

    /// Else a kernel with another clock would hold a link for ever.
    @Test(arguments: [-1_000_000_000, -96_000_000, 2_000_000, 1_700_000_000_000_000_000])
    func framesOfAnotherClockAreNone(offset: Int) {
        var link = ReceiverLink(receiverBoard())
        for frame in 1...50 {
            let now = 5_000_000_000 + UInt64(frame) * Self.period
            link.take(PPMFrame(Self.centred, at: UInt64(Int(now) + offset)), now: now)
            link.step(now: now)
        }
        #expect(!link.isUp && link.untimely == 50)
    }

    /// A crash is not the transmitter's: a link that was up is listened to for as long as any.
    @Test func aLinkOutlivesTheCore() {
        let listening = up()
        var next = ReceiverLink(receiverBoard())
        next.takeUp(listening.link, now: listening.time + 400_000_000)
        next.step(now: listening.time + 490_000_000)
        #expect(next.isUp)
        next.step(now: listening.time + 500_000_000)
        #expect(!next.isUp)
        var lost = Listening()
        lost.hear(Self.centred, times: 3)
        next.takeUp(lost.link, now: lost.time)
        #expect(!next.isUp)
    }
}
