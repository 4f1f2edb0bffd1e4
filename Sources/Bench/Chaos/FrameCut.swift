/// Tells the frames of a ZeroMQ connection apart (ZMTP 3.1, RFC 37: a greeting of 64 bytes, then frames of a flag
/// byte, a length of one or eight bytes, and the body), so that messages can be lost and commands are not.
struct FrameCut {
    private static let greeting = 64
    private static let long: UInt8 = 2
    private static let command: UInt8 = 4

    private var rest: [UInt8] = []
    /// Bytes of the greeting that are still to come. It goes through as it comes: each side waits for the other's first.
    private var greetingLeft = FrameCut.greeting

    /// Pieces of the greeting, then whole frames that `bytes` complete, each with whether it is a message.
    mutating func take(_ bytes: [UInt8]) -> [(bytes: [UInt8], isMessage: Bool)] {
        var frames: [(bytes: [UInt8], isMessage: Bool)] = []
        let greeting = min(greetingLeft, bytes.count)
        if greeting > 0 { frames.append((Array(bytes.prefix(greeting)), false)) }
        greetingLeft -= greeting
        rest += bytes.dropFirst(greeting)
        while let length = nextLength, rest.count >= length {
            let isMessage = rest[0] & Self.command == 0
            frames.append((Array(rest.prefix(length)), isMessage))
            rest.removeFirst(length)
        }
        return frames
    }

    /// Of the frame that begins `rest`, head included; nil: not known yet.
    private var nextLength: Int? {
        guard let flags = rest.first else { return nil }
        guard flags & Self.long != 0 else { return rest.count < 2 ? nil : 2 + Int(rest[1]) }
        guard rest.count >= 9 else { return nil }
        // Longer than anything that this proxy lets wait is taken as it comes: the receiver refuses it.
        let body = rest[1..<9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return 9 + Int(min(body, 1 << 30))
    }
}
