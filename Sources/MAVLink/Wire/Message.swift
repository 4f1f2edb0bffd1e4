/// How one message lies on the wire.
package struct Definition: Equatable, Sendable {
    package var id: UInt32
    package var name: String
    /// Goes into the checksum, so that both ends agree on the message's fields.
    package var crcExtra: UInt8
    /// Bytes without the extension fields, and with them.
    package var base: Int
    package var length: Int

    package init(id: UInt32, name: String, crcExtra: UInt8, base: Int, length: Int) {
        self.id = id
        self.name = name
        self.crcExtra = crcExtra
        self.base = base
        self.length = length
    }
}

/// A message of the dialect; the conformances are generated.
package protocol Message: Equatable, Sendable {
    static var definition: Definition { get }
    init()
    init(_ payload: Payload)
    func write(to payload: inout Payload)
}

extension Message {
    /// On its way out.
    package var content: Content {
        var payload = Payload(length: Self.definition.length)
        write(to: &payload)
        return Content(definition: Self.definition, payload: payload)
    }
}

/// A message without its frame.
package struct Content: Equatable, Sendable {
    package var definition: Definition
    package var payload: Payload

    package init(definition: Definition, payload: Payload) {
        self.definition = definition
        self.payload = payload
    }

    /// As this message; nil: it is another.
    package func read<M: Message>(as kind: M.Type) -> M? {
        definition.id == M.definition.id ? M(payload) : nil
    }
}
