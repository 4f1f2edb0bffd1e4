internal import Crypto

/// Signs what goes out and checks what comes in (MAVLink's guide, "Message Signing"): behind the checksum stand a link's
/// number, a time stamp (48 bits, 10 us since 2015-01-01 UTC) and the first six bytes of
/// SHA-256(key + frame + link + time stamp).
package struct Signing: Sendable {
    /// Bytes.
    package static let keyBytes = 32
    /// Senders whose time stamps are remembered, as many as the reference implementation does; more are refused.
    package static let streamsMax = 16
    /// A sender that is new may be so far behind our time, 10 us: a minute.
    package static let lagMax: UInt64 = 6_000_000
    /// Between 1970-01-01 and 2015-01-01, s.
    package static let epochSeconds: UInt64 = 1_420_070_400
    private static let hashBytes = 6

    /// Why a message is not believed.
    package enum Fault: Error, Equatable, Sendable {
        case unsigned
        /// Another key, or other bytes than were signed.
        case wrong
        /// Its time stamp is not above the sender's last: it has been sent before.
        case replayed
        /// The first of a sender, and older than a minute.
        case old
        /// More senders than are remembered.
        case crowded
    }

    private struct Stream: Hashable {
        var sender: Sender
        var link: UInt8
    }

    private let key: [UInt8]
    private let link: UInt8
    /// The last that was sent, 10 us since 2015; what others sent moves it on too.
    private var last: UInt64 = 0
    private var streams: [Stream: UInt64] = [:]

    /// - Precondition: `key` has 32 bytes.
    package init(key: [UInt8], link: UInt8 = 0) {
        precondition(key.count == Self.keyBytes, "a signing key has 32 bytes")
        self.key = key
        self.link = link
    }

    /// The frame with its signature. `time` in 10 us since 2015; two frames never have the same.
    package mutating func sign(_ frame: [UInt8], at time: UInt64) -> [UInt8] {
        last = max(last + 1, time)
        var signed = frame + [link]
        for byte in 0..<6 { signed.append(UInt8(truncatingIfNeeded: last >> (8 * byte))) }
        return signed + hash(signed)
    }

    /// Checks a whole frame, signature included, and remembers its time stamp.
    ///
    /// - Throws: `Fault` when it is not to be believed.
    package mutating func check(
        _ frame: ArraySlice<UInt8>, of packet: Packet, at time: UInt64
    ) throws(Fault) {
        guard packet.isSigned, frame.count > Packet.signatureBytes else { throw .unsigned }
        let body = frame.dropLast(Self.hashBytes)
        let isRight = zip(hash(body), frame.suffix(Self.hashBytes)).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
        guard isRight else { throw .wrong }
        let tail = frame.suffix(Packet.signatureBytes)
        let stamp = tail.dropFirst().prefix(6).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let stream = Stream(sender: packet.sender, link: tail[tail.startIndex])
        if let before = streams[stream] {
            guard stamp > before else { throw .replayed }
        } else {
            guard stamp + Self.lagMax >= max(last, time) else { throw .old }
            guard streams.count < Self.streamsMax else { throw .crowded }
        }
        streams[stream] = stamp
        // A clock that is behind must still be believed by those whose clock is right.
        last = max(last, stamp)
    }

    private func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        Array(SHA256.hash(data: key + Array(bytes)).prefix(Self.hashBytes))
    }

    /// 10 us since 2015 of a wall clock's seconds and nanoseconds since 1970.
    package static func stamp(seconds: Int, nanoseconds: Int) -> UInt64 {
        let since = UInt64(max(0, seconds)).subtractingReportingOverflow(epochSeconds)
        return since.overflow ? 0 : since.partialValue * 100_000 + UInt64(max(0, nanoseconds)) / 10_000
    }
}
