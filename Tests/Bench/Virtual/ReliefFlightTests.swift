import Bench
import CContract
import Contract
import FlightCore
import FlightV1
import Simulator
import Testing

/// The owner dies without a standby, the failsafe flies, and a container that begins without anybody's state relieves
/// it: the shipped core and v1, in manoeuvres and wind.
@Suite struct ReliefFlightTests {
    private final class Flight {
        let board = BenchBoard.make()
        let world: World
        var core: FlightTick
        private var containers: [VirtualContainer?] = [nil, nil]
        private let pilot = ScriptedPilot(manoeuvreSeconds: 14)
        private(set) var number: UInt64 = 0
        private(set) var failsafeTicks = 0
        /// rad; while a container owned again.
        private(set) var tiltBehind = 0.0

        init(seed: UInt64) {
            world = World(parameters: WorldParameters(board: board), seed: seed)
            core = FlightTick(
                board: board, bus: world.bus(0), motorBus: world.bus(0), lines: world.lines(), clock: world.clock(),
                lastEpoch: 0, reservedEpoch: 1000)
        }

        var seconds: Double { Double(number) / 500 }
        var manoeuvresBegin: Double { pilot.manoeuvresBegin }
        var mode: FlightMode { core.modes.mode }

        func attach(_ slot: Int) {
            containers[slot] = VirtualContainer(
                "v1", CascadeController.self, vehicle: board.vehicle, tickRate: Int(board.tick_rate))
            core.arbiter.listen(slot)
            core.arbiter.connect(slot, pid: Int32(1000 + slot))
        }

        func grant(_ slot: Int) -> Refusal { core.grant(slot) }
        func isSettled(_ slot: Int) -> Bool { containers[slot]?.isSettled == true }

        func step(pilotIsHeard: Bool = true) {
            number += 1
            let start = number * 2_000_000
            world.advance(to: start)
            if number % 10 == 0, pilotIsHeard { pilotActs() }
            core.open(number, at: start, skipped: 0)
            core.sense()
            for slot in 0..<2 where core.arbiter.slots[slot].isConnected {
                if let command = containers[slot]?.answer(core.sample(for: slot)) { _ = core.take(command, from: slot) }
            }
            core.actuate()
            core.takeTurn()
            if mode == .failsafe { failsafeTicks += 1 }
            if core.arbiter.owner == 1, mode == .fly { tiltBehind = max(tiltBehind, world.truth.tilt) }
        }

        private func pilotActs() {
            let ask = pilot.ask(at: seconds)
            _ = core.takePilot(ask.setpoint)
            switch (ask.wish, mode) {
            case (.arm, .disarmed): _ = core.arm()
            case (.takeoff(let height), .armed): _ = core.takeOff(to: height)
            case (.land, .fly): _ = core.land()
            default: break
            }
        }

        /// In manoeuvres under slot 0, whose socket then closes; to the first tick of the failsafe.
        func flyUntilForsaken() {
            attach(0)
            step()
            _ = core.grant(0)
            while seconds < manoeuvresBegin + 3 { step() }
            core.arbiter.disconnect(0)
            for _ in 0..<100 where mode != .failsafe { step() }
        }
    }

    @Test(arguments: UInt64(1)...20) func aRestartedContainerFliesOn(seed: UInt64) {
        let flight = Flight(seed: seed)
        flight.flyUntilForsaken()
        #expect(flight.mode == .failsafe && flight.core.arbiter.owner == Arbiter.nobody)
        let epoch = flight.core.arbiter.epoch
        for _ in 0..<100 { flight.step() }
        flight.attach(1)
        #expect(flight.grant(1) == .none, "it is pending, for it is not settled")
        flight.step()
        #expect(flight.mode == .failsafe)
        for _ in 0..<2000 where !flight.isSettled(1) { flight.step() }
        _ = flight.grant(1)
        for _ in 0..<1000 where flight.core.arbiter.owner != 1 { flight.step() }
        #expect(flight.core.arbiter.owner == 1 && flight.mode == .fly && !flight.core.arbiter.isFailsafe)
        #expect(flight.core.arbiter.epoch > epoch && !flight.core.arbiter.inProbation)
        let failsafe = flight.failsafeTicks
        for _ in 0..<20_000 where flight.mode != .disarmed { flight.step() }
        #expect(flight.mode == .disarmed && flight.world.truth.crashed == false)
        #expect(flight.failsafeTicks == failsafe, "it flew to the landing")
        #expect(flight.tiltBehind < 0.7)
    }

    /// Without a pilot there is nobody to fly for, and near the ground no room: the failsafe lands.
    @Test func nobodyRelievesALandingNearTheGroundOrWithoutAPilot() {
        for isHeard in [true, false] {
            let flight = Flight(seed: 7)
            flight.flyUntilForsaken()
            flight.attach(1)
            if isHeard { for _ in 0..<20_000 where flight.core.state.height > 1.8 { flight.step() } }
            for _ in 0..<20_000 where flight.mode != .disarmed {
                flight.step(pilotIsHeard: isHeard)
                // The pilot's last word is old by then.
                if isHeard || flight.number % 100 == 0, flight.seconds > flight.manoeuvresBegin + 5 {
                    _ = flight.grant(1)
                }
                #expect(flight.mode != .fly)
            }
            #expect(flight.mode == .disarmed && flight.world.truth.crashed == false)
        }
    }
}
