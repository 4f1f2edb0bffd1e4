package import CContract

/// Whether a candidate of the owner's very image commanded, in shadow, what the owner did: to the bit, on every tick
/// compared. Both containers' own logs are joined; nobody's word is taken.
///
/// A shadow blends nothing, and an owner that has owned for longer than its blend neither: what both logged is what
/// each controller itself wanted. Only ticks before the switch are compared, for afterwards the former owner holds its
/// integrators and may differ.
package struct ShadowIdentity: Equatable, Sendable {
    /// ns behind a tick that only one of both answered, or none: there the two have seen different samples, and the
    /// candidate waits for the next cut. One comes every 20 ms; a machine that stalls the queues takes some more.
    package static let cutTime: UInt64 = 250_000_000

    /// Ticks that both answered in step, and those of them with any other bit.
    package private(set) var compared = 0
    package private(set) var unequal = 0
    /// Times that the comparison had to wait for a new cut.
    package private(set) var gaps = 0
    /// The first tick with another bit.
    package private(set) var firstUnequal: UInt64?

    /// - Parameters:
    ///   - owner: its log, in the order of ticks.
    ///   - candidate: its log from its start to, at least, its first tick as owner.
    ///   - from: ns; when the candidate had taken its first cut in.
    package init(owner: [da_command_record], candidate: [da_command_record], from: UInt64) {
        let answers = Dictionary(
            owner.lazy.filter { $0.epoch != 0 }.map { ($0.tick, $0) }, uniquingKeysWith: { first, _ in first })
        var begins = from
        var before: UInt64?
        for record in candidate.prefix(while: { $0.epoch == 0 }) {
            let follows = before.map { record.tick == $0 + 1 } ?? true
            before = record.tick
            guard follows, let answer = answers[record.tick] else {
                if record.sample_ns >= from { gaps += 1 }
                begins = max(begins, record.sample_ns + Self.cutTime)
                continue
            }
            guard record.sample_ns >= begins else { continue }
            compared += 1
            guard !Self.areSame(record.motor, answer.motor) else { continue }
            unequal += 1
            firstUnequal = firstUnequal ?? record.tick
        }
    }

    private static func areSame(
        _ a: (Float, Float, Float, Float), _ b: (Float, Float, Float, Float)
    ) -> Bool {
        a.0.bitPattern == b.0.bitPattern && a.1.bitPattern == b.1.bitPattern && a.2.bitPattern == b.2.bitPattern
            && a.3.bitPattern == b.3.bitPattern
    }
}
