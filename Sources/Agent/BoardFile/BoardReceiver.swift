internal import CContract

extension BoardFile {
    /// Sticks in the order of `da_board_receiver.channel`.
    private static let sticks = ["roll", "pitch", "climb", "yaw"]

    /// `receiver`: the pilot's radio, if the board has one. Behind `gpio`, whose lines it must leave alone.
    static func readReceiver(_ root: inout BoardSection, _ board: inout da_board) throws(Fault) {
        board.receiver.offset = -1
        guard var section = try root.sectionIfPresent("receiver") else { return }
        var receiver = da_board_receiver()
        receiver.offset = Int32(try section.whole("line", 0...511, "offset on the GPIO chip"))
        receiver.falling = try section.word("edge", ["rising": 0, "falling": 1])
        let channels = try readChannels(&section)
        receiver.channel = (channels[0], channels[1], channels[2], channels[3])
        receiver.reversed = try section.words("reversed", sticks)
            .reduce(0) { $0 | 1 << UInt8(sticks.firstIndex(of: $1) ?? 0) }
        let range = try section.numbers("range_us", count: 3, 750...2250, "channels of 700 to 2300 us are heard")
        receiver.range = (Float(range[0] / 1e6), Float(range[1] / 1e6), Float(range[2] / 1e6))
        receiver.deadband = Float(
            try section.number("deadband_us", 0...100, "a centre that a hand finds, and no more") / 1e6)
        try readFailsafe(&section, channels: channels, least: range[0], &receiver)
        try section.finish()
        for (line, name) in [
            (board.line.0, "arm"), (board.line.1, "kill"), (board.line.2, "output_enable"), (board.line.3, "led"),
        ] where line.offset == receiver.offset {
            throw section.conflict(
                "line", "is \(receiver.offset), which gpio.\(name) has already; give each its own line.")
        }
        // Far beyond both deadbands, and what the narrowest transmitters give.
        guard range[1] - range[0] >= 200, range[2] - range[1] >= 200 else {
            throw section.conflict(
                "range_us",
                "must ascend by 200 us at least: the least, the centre and the most that a channel gives.")
        }
        board.receiver = receiver
    }

    private static func readChannels(_ receiver: inout BoardSection) throws(Fault) -> [UInt8] {
        var section = try receiver.section("channels")
        var channels: [UInt8] = []
        for stick in sticks {
            let channel = UInt8(
                try section.whole(stick, 1...Int(DA_PPM_CHANNELS), "a frame has at most 12, the first is 1"))
            if let other = channels.firstIndex(of: channel) {
                throw section.conflict(
                    stick, "is \(channel), which receiver.channels.\(sticks[other]) has already; give each its own.")
            }
            channels.append(channel)
        }
        try section.finish()
        return channels
    }

    private static func readFailsafe(
        _ receiver: inout BoardSection, channels: [UInt8], least: Double, _ result: inout da_board_receiver
    ) throws(Fault) {
        guard var section = try receiver.sectionIfPresent("failsafe") else { return }
        result.failsafe_channel = UInt8(
            try section.whole("channel", 1...Int(DA_PPM_CHANNELS), "a frame has at most 12, the first is 1"))
        let below = try section.number("below_us", 750...2250, "channels of 700 to 2300 us are heard")
        result.failsafe_below = Float(below / 1e6)
        try section.finish()
        // Else a stick at its end would be taken for a lost transmitter.
        guard !channels.contains(result.failsafe_channel) || below <= least - 20 else {
            throw section.conflict(
                "below_us",
                "must lie 20 us below the least of receiver.range_us, or a stick at its end would be a lost link.")
        }
    }
}
