import Agent
import CContract
import Foundation
import Testing

/// The board file's receiver: what it becomes, and each way in which it can be wrong.
@Suite struct BoardReceiverTests {
    private static let section = """

        receiver:
          line: 4
          edge: falling
          channels: {roll: 1, pitch: 2, climb: 3, yaw: 4}
          reversed: [pitch, yaw]
          range_us: [1000, 1500, 2000]
          deadband_us: 8
          failsafe: {channel: 3, below_us: 950}

        """

    private static func compile(_ section: String) throws -> da_board {
        try BoardFile.compile(try BoardFileTests.shipped("bench.yaml") + section, name: "bench.yaml")
    }

    @Test func itIsInSIUnits() throws {
        let receiver = try Self.compile(Self.section).receiver
        #expect(receiver.offset == 4 && receiver.falling == 1 && receiver.reversed == 0b1010)
        #expect(receiver.channel == (1, 2, 3, 4) && receiver.failsafe_channel == 3)
        #expect(receiver.range == (1e-3, 1.5e-3, 2e-3) && receiver.deadband == 8e-6)
        #expect(receiver.failsafe_below == 950e-6 && receiver.reserved == 0)
    }

    @Test func whatIsOptionalMayBeLeftOut() throws {
        let lines = Self.section.split(separator: "\n", omittingEmptySubsequences: false)
        let short = lines.filter { !$0.contains("reversed") && !$0.contains("failsafe") }.joined(separator: "\n")
        let receiver = try Self.compile(short).receiver
        #expect(receiver.reversed == 0 && receiver.failsafe_channel == 0 && receiver.failsafe_below == 0)
        #expect(try Self.compile("").receiver.offset == -1, "a board without a receiver")
    }

    @Test func theBoardIsShownWithIt() throws {
        #expect(
            try Self.compile(Self.section).summary.contains(
                "receiver        line 4 falling; channels roll 1, pitch 2 reversed, climb 3, yaw 4 reversed; "
                    + "1000 1500 2000 us, deadband 8 us; failsafe channel 3 below 950 us\n"))
        #expect(try Self.compile("").summary.contains("receiver        none\n"))
    }

    static let flaws: [BoardFileTests.Flaw] = [
        BoardFileTests.Flaw(from: "line: 4", to: "line: 1", says: ["receiver.line is 1", "gpio.kill"]),
        BoardFileTests.Flaw(from: "line: 4", to: "line: 512", says: ["receiver.line is 512", "0 to 511"]),
        BoardFileTests.Flaw(from: "  line: 4\n", to: "", says: ["receiver.line is missing"]),
        BoardFileTests.Flaw(
            from: "edge: falling", to: "edge: both", says: ["receiver.edge is 'both'", "rising, falling"]),
        BoardFileTests.Flaw(
            from: "pitch: 2, ", to: "pitch: 1, ", says: ["receiver.channels.pitch is 1", "receiver.channels.roll"]),
        BoardFileTests.Flaw(from: "roll: 1", to: "roll: 0", says: ["receiver.channels.roll is 0", "1 to 12"]),
        BoardFileTests.Flaw(from: "yaw: 4", to: "yaw: 13", says: ["receiver.channels.yaw is 13", "1 to 12"]),
        BoardFileTests.Flaw(from: ", yaw: 4", to: "", says: ["receiver.channels.yaw is missing"]),
        BoardFileTests.Flaw(
            from: "yaw: 4", to: "yaw: 4, throttle: 5", says: ["receiver.channels.throttle", "not a key", "climb"]),
        BoardFileTests.Flaw(from: "[pitch, yaw]", to: "[pitch, pitch]", says: ["receiver.reversed", "each once"]),
        BoardFileTests.Flaw(
            from: "[pitch, yaw]", to: "[rudder]", says: ["receiver.reversed", "roll, pitch, climb, yaw"]),
        BoardFileTests.Flaw(from: "[pitch, yaw]", to: "pitch", says: ["receiver.reversed", "a list such as [roll]"]),
        BoardFileTests.Flaw(from: "[1000, 1500, 2000]", to: "[1000, 2000]", says: ["receiver.range_us", "3 numbers"]),
        BoardFileTests.Flaw(
            from: "[1000, 1500, 2000]", to: "[2000, 1500, 1000]", says: ["receiver.range_us", "ascend"]),
        BoardFileTests.Flaw(
            from: "[1000, 1500, 2000]", to: "[1000, 1500, 1600]", says: ["receiver.range_us", "200 us"]),
        BoardFileTests.Flaw(
            from: "[1000, 1500, 2000]", to: "[1.0, 1.5, 2.0]", says: ["receiver.range_us is 1", "750 to 2250"]),
        BoardFileTests.Flaw(
            from: "deadband_us: 8", to: "deadband_us: 101", says: ["receiver.deadband_us is 101", "0 to 100"]),
        BoardFileTests.Flaw(
            from: "deadband_us: 8", to: "deadband: 8", says: ["receiver.deadband", "wrong unit", "deadband_us"]),
        BoardFileTests.Flaw(
            from: "below_us: 950", to: "below_us: 990", says: ["receiver.failsafe.below_us", "20 us below", "range_us"]),
        BoardFileTests.Flaw(
            from: "channel: 3, below", to: "channel: 0, below", says: ["receiver.failsafe.channel is 0"]),
        BoardFileTests.Flaw(from: ", below_us: 950", to: "", says: ["receiver.failsafe.below_us is missing"]),
        BoardFileTests.Flaw(from: "  edge", to: "  protocol: sbus\n  edge", says: ["receiver.protocol", "not a key"]),
    ]

    @Test(arguments: flaws)
    func eachFlawIsOneSentence(flaw: BoardFileTests.Flaw) throws {
        let range = try #require(Self.section.range(of: flaw.from), "the section has no '\(flaw.from)'")
        let broken = Self.section.replacingCharacters(in: range, with: flaw.to)
        let fault = try #require(throws: Fault.self) { try Self.compile(broken) }
        #expect(fault.sentence.hasPrefix("bench.yaml line "))
        for word in flaw.says { #expect(fault.sentence.contains(word), "\(fault.sentence)") }
        #expect(!fault.sentence.contains("\n") && fault.sentence.hasSuffix("."))
    }

    /// A channel of its own may say it where it likes: no stick moves it.
    @Test func aFailsafeChannelOfItsOwnHasAnyValue() throws {
        let section = Self.section.replacing("channel: 3, below_us: 950", with: "channel: 6, below_us: 1200")
        #expect(try Self.compile(section).receiver.failsafe_below == 1200e-6)
    }

    /// What the shipped files propose must be right the moment somebody takes it in.
    @Test(arguments: ["pi3.yaml", "pi4.yaml", "pi5.yaml", "zero2.yaml"])
    func theProposedSectionCompiles(name: String) throws {
        let text = try BoardFileTests.shipped(name)
        #expect(try BoardFile.compile(text, name: name).receiver.offset == -1)
        var isInside = false
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> Substring in
            if line.hasPrefix("# receiver:") { isInside = true }
            if !line.hasPrefix("#") { isInside = false }
            return isInside ? line.dropFirst(2) : line
        }
        let board = try BoardFile.compile(lines.joined(separator: "\n"), name: name)
        #expect(board.receiver.offset == 24 && board.receiver.failsafe_channel == 3)
    }
}
