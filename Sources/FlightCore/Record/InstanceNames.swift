internal import Synchronization

/// Names of the attached instances by slot: the control thread writes them, the recorder reads them. The tick knows slots
/// only and takes no lock.
package final class InstanceNames: Sendable {
    private let names = Mutex([String](repeating: "", count: Arbiter.slotCount))

    package init() {}

    /// "" where nobody is attached, or for a slot that there is not.
    package subscript(slot: Int) -> String {
        get { names.withLock { $0.indices.contains(slot) ? $0[slot] : "" } }
        set { names.withLock { if $0.indices.contains(slot) { $0[slot] = newValue } } }
    }
}
