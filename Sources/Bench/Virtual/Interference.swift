package import CContract

/// What befalls the sockets between core and containers of a virtual flight; by default nothing.
package struct Interference: Sendable {
    /// What an instance takes a sample for.
    package var received: @Sendable (_ instance: String, _ sample: da_sample) -> da_sample = { $1 }
    /// Whether an instance's answer to the sample of a tick reaches the core.
    package var arrives: @Sendable (_ instance: String, _ tick: UInt64) -> Bool = { _, _ in true }
    /// Whether an instance's socket closes before it answers the sample of a tick.
    package var closes: @Sendable (_ instance: String, _ tick: UInt64) -> Bool = { _, _ in false }
    /// As what an instance begins anew, without any state, before it answers the sample of a tick.
    package var replaces: @Sendable (_ instance: String, _ tick: UInt64) -> VirtualFlight.Version? = { _, _ in nil }

    package init() {}
}
