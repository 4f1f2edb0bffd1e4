import CPlatform

/// Looks every 10 ms whether something has come true.
///
/// - Parameters:
///   - what: is waited for, as it stands in the sentence.
///   - limit: s.
///   - child: without which it never will.
///   - done: says whether it has.
/// - Throws: `BenchFault` behind the limit, or when `child` has ended.
func wait(_ what: String, _ limit: Double, of child: Child? = nil, _ done: () -> Bool) throws(BenchFault) {
    let end = da_now() + UInt64(limit * 1e9)
    while !done() {
        if let child, !child.isRunning { throw BenchFault("\(child.name) ended: \(child.output.suffix(600))") }
        guard da_now() < end else { throw BenchFault("Waiting for \(what) took longer than \(Int(limit)) s.") }
        da_sleep_until(da_now() + 10_000_000)
    }
}
