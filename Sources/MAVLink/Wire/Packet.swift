/// Who sent a message: system and component number.
package struct Sender: Hashable, Sendable {
    package var system: UInt8
    package var component: UInt8

    package init(system: UInt8, component: UInt8) {
        self.system = system
        self.component = component
    }
}

/// Why bytes are no message for us.
package enum PacketFault: Error, Equatable, Sendable {
    /// They do not begin with MAVLink 2's mark.
    case mark
    /// They begin with the mark of MAVLink 1.
    case version1
    /// They end before the message does.
    case short
    /// A flag says that it cannot be read without knowing what the flag means.
    case flags
    /// Not one of the messages that this program knows: without its definition it cannot be checked either.
    case unknown
    case checksum
}

/// One message in MAVLink 2's frame:
/// mark, length, incompatible flags, compatible flags, sequence, system, component, number (3), payload, checksum (2),
/// perhaps a signature (13).
package struct Packet: Equatable, Sendable {
    package static let mark: UInt8 = 0xFD
    package static let mark1: UInt8 = 0xFE
    package static let headBytes = 10
    package static let checksumBytes = 2
    package static let signatureBytes = 13
    /// The longest there is: 255 bytes of payload, signed.
    package static let bytesMax = headBytes + 255 + checksumBytes + signatureBytes
    /// Of the incompatible flags.
    package static let signedFlag: UInt8 = 1

    package var sender: Sender
    package var sequence: UInt8
    package var content: Content
    package var isSigned = false

    package init(_ content: Content, from sender: Sender, sequence: UInt8, isSigned: Bool = false) {
        self.content = content
        self.sender = sender
        self.sequence = sequence
        self.isSigned = isSigned
    }

    /// On the wire, without the signature's 13 bytes, which come behind it if `isSigned`.
    package var bytes: [UInt8] {
        let payload = content.payload.truncated
        let id = content.definition.id
        var bytes: [UInt8] = [
            Self.mark, UInt8(payload.count), isSigned ? Self.signedFlag : 0, 0, sequence, sender.system,
            sender.component,
            UInt8(truncatingIfNeeded: id), UInt8(truncatingIfNeeded: id >> 8), UInt8(truncatingIfNeeded: id >> 16),
        ]
        bytes += payload
        let sum = Self.checksum(of: bytes.dropFirst(), content.definition)
        return bytes + [UInt8(truncatingIfNeeded: sum), UInt8(truncatingIfNeeded: sum >> 8)]
    }

    private static func checksum(of bytes: some Sequence<UInt8>, _ definition: Definition) -> UInt16 {
        var sum = Checksum()
        sum.add(bytes)
        sum.add(definition.crcExtra)
        return sum.value
    }

    /// What stands at the beginning of `bytes`.
    package struct Reading: Equatable, Sendable {
        package var result: Result<Packet, PacketFault>
        /// The whole frame, signature included.
        package var frame: ArraySlice<UInt8>
    }

    /// Reads one frame; what comes behind it is left to the next call. Where no frame begins the rest is dropped: whoever
    /// sends datagrams begins each with a frame, and nothing is searched for.
    package static func read(_ bytes: ArraySlice<UInt8>) -> Reading {
        func fails(_ fault: PacketFault, _ count: Int? = nil) -> Reading {
            Reading(result: .failure(fault), frame: bytes.prefix(count ?? bytes.count))
        }
        guard let first = bytes.first, first == mark else {
            return fails(bytes.first == mark1 ? .version1 : .mark)
        }
        guard bytes.count >= headBytes + checksumBytes else { return fails(.short) }
        let at = bytes.startIndex
        let length = Int(bytes[at + 1])
        let isSigned = bytes[at + 2] & signedFlag != 0
        let count = headBytes + length + checksumBytes + (isSigned ? signatureBytes : 0)
        guard bytes.count >= count else { return fails(.short) }
        guard bytes[at + 2] & ~signedFlag == 0 else { return fails(.flags, count) }
        let id = UInt32(bytes[at + 7]) | UInt32(bytes[at + 8]) << 8 | UInt32(bytes[at + 9]) << 16
        guard let definition = Dialect.definitions[id] else { return fails(.unknown, count) }
        let end = at + headBytes + length
        let sum = UInt16(bytes[end]) | UInt16(bytes[end + 1]) << 8
        guard checksum(of: bytes[(at + 1)..<end], definition) == sum else { return fails(.checksum, count) }
        let payload = Payload(bytes[(at + headBytes)..<end], length: definition.length)
        let packet = Packet(
            Content(definition: definition, payload: payload),
            from: Sender(system: bytes[at + 5], component: bytes[at + 6]), sequence: bytes[at + 4], isSigned: isSigned)
        return Reading(result: .success(packet), frame: bytes.prefix(count))
    }
}
