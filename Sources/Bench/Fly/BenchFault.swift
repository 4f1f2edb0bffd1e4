package import Agent

/// What keeps a flight of the bench from being flown or judged, in one sentence.
package struct BenchFault: Error, CustomStringConvertible, Sendable {
    package let description: String
    package init(_ description: String) { self.description = description }
    package init(_ fault: Fault) { description = fault.sentence }
}

/// As `startThread`.
///
/// - Throws: `BenchFault` when the machine has no thread left.
func benchThread(_ name: String, _ work: @escaping @Sendable () -> Void) throws(BenchFault) {
    do throws(Fault) { try startThread(name, work) } catch { throw BenchFault(error) }
}
