package import Contract

/// What comes out of the handover queue.
package enum QueueEvent: Equatable, Sendable {
    case message(QueueMessage, sequence: UInt64, instance: String)
    /// A message that was none of the contract; `count` of them so far from this instance.
    case malformed(String, instance: String, count: UInt64)
}
