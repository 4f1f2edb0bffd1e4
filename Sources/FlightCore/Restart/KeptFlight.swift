import CContract
import CPlatform
import Contract
import Glibc

/// The memory that outlives the core: a heartbeat for the supervisor, the flight for the next core, and which
/// instances are attached.
///
/// The supervisor makes it and each core inherits it as a descriptor. The tick writes it every tick, without lock and
/// without allocation.
package final class KeptFlight: @unchecked Sendable {
    /// Bytes of the whole.
    package static let bytes: UInt64 = 64 << 10
    /// Beyond this age, ns, a flight is none to go on with: what holds the outputs has let go by then.
    package static let ageMax: UInt64 = 500_000_000

    private let memory: UnsafeMutableRawPointer
    private var flight: KeptCopy<FlightState>
    private var instances: KeptCopy<KeptInstances>
    /// The last epoch and mode that were kept.
    private var lastEpoch: UInt64 = 0
    private var lastMode = FlightMode.disarmed

    /// A page for the heartbeat, one area for each writer: the tick and the control server.
    private static let flightAt = 4096
    private static var instancesAt: Int { flightAt + KeptCopy<FlightState>.bytes }

    /// - Throws: `CoreFault` when the descriptor is no such memory.
    package init(descriptor: Int32, board: UInt64) throws(CoreFault) {
        precondition(
            UInt64(Self.instancesAt + KeptCopy<KeptInstances>.bytes) <= Self.bytes, "the kept flight has outgrown")
        guard let memory = da_memory_map(descriptor, Self.bytes) else {
            throw CoreFault(
                "Descriptor \(descriptor) is no memory of a supervisor; start with 'flightcore --supervise'.")
        }
        self.memory = memory
        let identity = KeptIdentity(boot: try Self.bootIdentity(), program: da_program_identity(), board: board)
        flight = KeptCopy(memory + Self.flightAt, identity)
        instances = KeptCopy(memory + Self.instancesAt, identity)
    }

    deinit { da_memory_unmap(memory, Self.bytes) }

    private static func bootIdentity() throws(CoreFault) -> InlineArray<16, UInt8> {
        var text = [UInt8](repeating: 0, count: 36)
        let path = "/proc/sys/kernel/random/boot_id"
        let got = da_file_read(path, &text, UInt64(text.count))
        let digits = text.compactMap { Character(Unicode.Scalar($0)).hexDigitValue.map(UInt8.init) }
        guard got == 36, digits.count == 32 else { throw CoreFault("\(path) holds no boot id.") }
        var identity = InlineArray<16, UInt8>(repeating: 0)
        for index in 0..<16 { identity[index] = digits[2 * index] << 4 | digits[2 * index + 1] }
        return identity
    }

    // MARK: Before the tick

    /// The flight of the core before this one, if it ended less than `ageMax` before `now` (ns).
    package func flight(now: UInt64) -> FlightState? {
        guard let latest = flight.latest, now >= latest.writtenAt, now - latest.writtenAt < Self.ageMax else {
            return nil
        }
        return latest.value
    }

    /// The instances that were attached to the core before this one.
    package var attached: KeptInstances { instances.latest?.value ?? KeptInstances() }

    // MARK: The tick's thread

    /// Tells the supervisor that the tick goes on.
    @_noAllocation
    package func beat(_ now: UInt64) { da_beat_set(memory, now) }

    /// At a tick's end.
    @_noAllocation
    package func keep(_ tick: borrowing FlightTick, now: UInt64) {
        lastEpoch = tick.arbiter.lastEpoch
        lastMode = tick.modes.mode
        flight.write(tick.kept(), now: now)
    }

    /// Between a tick's boundary and its sample: an epoch must be kept before anybody hears of it (supports
    /// invariant 3), a mode before the motors do.
    package func keepChange(_ tick: borrowing FlightTick, now: UInt64) {
        guard tick.arbiter.lastEpoch != lastEpoch || tick.modes.mode != lastMode else { return }
        keep(tick, now: now)
    }

    // MARK: The control server's thread

    package func keep(_ attached: KeptInstances, now: UInt64) { instances.write(attached, now: now) }
}

/// Names and directories of the attached instances, by slot; an empty name: none.
package struct KeptInstances: BitwiseCopyable, Sendable {
    private var names = InlineArray<4, InlineArray<32, UInt8>>(repeating: .init(repeating: 0))
    private var paths = InlineArray<4, InlineArray<104, UInt8>>(repeating: .init(repeating: 0))

    package init() {}

    package subscript(slot: Int) -> (name: String, directory: String)? {
        get {
            let name = text(names[slot])
            return name.isEmpty ? nil : (name, text(paths[slot]))
        }
        set {
            fill(&names[slot], with: newValue?.name ?? "")
            fill(&paths[slot], with: newValue?.directory ?? "")
        }
    }
}
