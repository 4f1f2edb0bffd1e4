import CPlatform
import FlightCore
import Glibc
import Testing

/// The memory that a supervisor and its cores share.
@Suite struct KeptFlightTests {
    private func descriptor() -> Int32 {
        let made = da_memory_make("test", KeptFlight.bytes)
        precondition(made >= 0)
        return made
    }

    @Test func aFlightCountsForHalfASecond() throws {
        let memory = descriptor()
        defer { close(memory) }
        let rig = Rig()
        rig.run(10)
        let kept = try KeptFlight(descriptor: memory, board: 1)
        #expect(kept.flight(now: 1) == nil)
        kept.keep(rig.tick, now: 1_000_000_000)
        let later = try KeptFlight(descriptor: memory, board: 1)
        #expect(later.flight(now: 1_000_000_000)?.tick == 10)
        #expect(later.flight(now: 1_499_999_999)?.tick == 10)
        #expect(later.flight(now: 1_500_000_000) == nil, "too old")
        #expect(later.flight(now: 999_999_999) == nil, "from the future")
        #expect(try KeptFlight(descriptor: memory, board: 2).flight(now: 1_000_000_001) == nil, "another board")
    }

    @Test func namesAreKept() throws {
        let memory = descriptor()
        defer { close(memory) }
        var instances = KeptInstances()
        instances[0] = ("flight-1", "/run/droneagent/instances/flight-1")
        instances[2] = ("v2", "/x")
        try KeptFlight(descriptor: memory, board: 1).keep(instances, now: 5)
        let found = try KeptFlight(descriptor: memory, board: 1).attached
        #expect(found[0]?.name == "flight-1" && found[0]?.directory == "/run/droneagent/instances/flight-1")
        #expect(found[1] == nil && found[3] == nil && found[2]?.name == "v2" && found[2]?.directory == "/x")
    }

    @Test func whatIsNoSuchMemoryIsRefused() {
        #expect(sentence { _ = try KeptFlight(descriptor: 999, board: 1) }.contains("--supervise"))
        let short = da_memory_make("short", 4096)
        defer { close(short) }
        #expect(sentence { _ = try KeptFlight(descriptor: short, board: 1) }.contains("--supervise"))
    }

    /// An epoch is kept before anybody hears of it, and a mode before the motors do.
    @Test func aChangeIsKeptAtOnce() throws {
        let memory = descriptor()
        defer { close(memory) }
        let rig = Rig()
        rig.run(3)
        let kept = try KeptFlight(descriptor: memory, board: 1)
        kept.keep(rig.tick, now: 10)
        kept.keepChange(rig.tick, now: 20)
        #expect(try KeptFlight(descriptor: memory, board: 1).flight(now: 20)?.arbiter.lastEpoch == 0)
        rig.connect(0) { _, _ in nil }
        #expect(rig.tick.grant(0) == .none)
        kept.keepChange(rig.tick, now: 30)
        #expect(try KeptFlight(descriptor: memory, board: 1).flight(now: 30)?.arbiter.lastEpoch == 1)
    }
}
