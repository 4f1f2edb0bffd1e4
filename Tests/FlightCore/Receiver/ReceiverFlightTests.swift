import Airframe
import CContract
import Contract
import FlightCore
import Simulator
import Testing

/// The pilot flies by radio: simulated receiver, edges, decoder, link and modes, on the whole core in virtual time.
@Suite struct ReceiverFlightTests {
    /// In the air by the receiver alone: nobody speaks on the control socket.
    private func flying(_ board: da_board = receiverBoard(), seed: UInt64 = 1) throws -> Rig {
        let rig = Rig(board, seed: seed)
        rig.pilot = nil
        let controller = TruthController(rig.world.parameters.airframe)
        try #require(rig.prepare { reply($0, controller.motors($0, $1)) } == 0)
        try #require(rig.tick.arm() == .none)
        rig.run(50)
        try #require(rig.tick.takeOff(to: 4) == .none)
        try #require(rig.run(until: { rig.mode == .fly }, limit: 5000))
        return rig
    }

    /// Ticks from now until `mode` comes, and whether it did.
    private func ticks(_ rig: Rig, until mode: FlightMode, limit: Int = 500) -> Int? {
        let begin = rig.number
        return rig.run(until: { rig.mode == mode }, limit: limit) ? Int(rig.number - begin) : nil
    }

    @Test(arguments: [UInt8(0), 1]) func theSticksAreFlown(falling: UInt8) throws {
        var board = receiverBoard()
        board.receiver.falling = falling
        let rig = try flying(board)
        rig.step()
        #expect(rig.status.source == SetpointSource.receiver.rawValue)
        // Half to the right: 1755 µs less the deadband.
        rig.world.receiver?.channels[0] = 1.755e-3
        rig.run(400)
        let sample = rig.tick.sample(for: 0)
        #expect(sample.source == UInt8(DA_SOURCE_RECEIVER.rawValue) && abs(sample.setpoint.roll - 0.375) < 0.01)
        #expect(abs(rig.world.truth.attitude.roll - 0.375) < 0.1)
        rig.world.receiver?.channels[0] = 1.5e-3
        rig.world.receiver?.channels[2] = 2e-3
        let height = rig.world.truth.altitude
        rig.run(1000)
        #expect(rig.world.truth.altitude > height + 1.5)
        #expect(abs(rig.tick.sample(for: 0).setpoint.climb - 1.5) < 0.02)
        #expect(rig.tick.receiver.decoder.counts.badPulses == 0 && rig.mode == .fly)
    }

    /// Within 100 ms of the last edge, at every rate.
    @Test(arguments: [UInt32(250), 400, 500]) func aLinkThatFallsSilentLands(rate: UInt32) throws {
        var board = receiverBoard()
        board.tick_rate = rate
        let rig = try flying(board)
        rig.world.receiver?.state = .silent
        let landing = try #require(ticks(rig, until: .land))
        #expect(Double(landing) / Double(rate) <= 0.122, "100 ms behind the last frame, which is on its way")
        let heard = rig.tick.receiver.link.heardAt
        #expect(rig.number * rig.period - heard <= 100_000_000)
        rig.step()
        #expect(rig.status.source == SetpointSource.core.rawValue)
        #expect(rig.run(until: { rig.mode == .disarmed }, limit: 20_000))
        #expect(rig.world.truth.crash == nil && rig.world.truth.onGround)
        #expect(ArmingReasons(rawValue: rig.tick.armingReasons()) == .noPilot)
    }

    /// The receiver goes on with a frame a time: only the value on the failsafe channel tells.
    @Test func aFailsafeValueLands() throws {
        let rig = try flying()
        rig.world.receiver?.failsafe[2] = 0.93e-3
        rig.world.receiver?.state = .fails
        let landing = try #require(ticks(rig, until: .land))
        #expect(landing <= 40, "two frames and the edge that closes the second")
        rig.world.receiver?.state = .hears
        rig.run(200)
        #expect(rig.mode == .land && rig.tick.receiver.link.isUp, "a landing that has begun goes on")
        #expect(rig.run(until: { rig.mode == .disarmed }, limit: 20_000))
        #expect(rig.world.truth.crash == nil && rig.tick.armingReasons() == 0)
    }

    /// What no core can notice, and why a receiver must be told a failsafe value.
    @Test func aReceiverThatOnlyRepeatsIsBelieved() throws {
        let rig = try flying()
        rig.world.receiver?.state = .repeats
        rig.world.receiver?.channels[0] = 1.9e-3
        rig.run(1000)
        #expect(rig.mode == .fly && rig.tick.sample(for: 0).setpoint.roll == 0)
    }

    @Test(arguments: UInt64(1)...3) func someMissedEdgesDoNotMatter(seed: UInt64) throws {
        let rig = try flying(seed: seed)
        rig.world.receiver?.dropped = 0.005
        var ups = 0
        for _ in 0..<10 {
            rig.run(500)
            ups += rig.tick.receiver.link.isUp ? 1 : 0
            #expect(abs(rig.tick.sample(for: 0).setpoint.roll) < 0.02, "no stick ever jumps")
        }
        #expect(ups == 10 && rig.mode == .fly)
        let counts = rig.tick.receiver.decoder.counts
        #expect(counts.badFrames + counts.badPulses > 5 && counts.frames > 350)
    }

    @Test func theControlSocketIsRefusedWhileTheLinkIsUp() throws {
        let rig = try flying()
        let wanted = da_setpoint(roll: 0.3, pitch: 0, yaw_rate: 0, climb: 0)
        #expect(rig.tick.takePilot(wanted) == .receiverFlies)
        rig.step()
        #expect(rig.tick.sample(for: 0).setpoint.roll == 0)
        // Whoever was refused was no pilot: its setpoints do not keep the vehicle in the air.
        rig.pilot = wanted
        rig.world.receiver?.state = .silent
        #expect(ticks(rig, until: .land, limit: 70) != nil)
        #expect(rig.tick.takePilot(wanted) == .none, "the link is lost")
        #expect(rig.run(until: { rig.mode == .disarmed }, limit: 20_000))
    }

    /// Not for a single tick: it was said long before the transmitter took over.
    @Test func anOldSetpointOfTheControlSocketIsNotFlown() throws {
        let rig = Rig(receiverBoard())
        rig.world.receiver?.state = .silent
        rig.pilot = da_setpoint(roll: 0.3, pitch: 0, yaw_rate: 0, climb: 0)
        let controller = TruthController(rig.world.parameters.airframe)
        try #require(rig.prepare { reply($0, controller.motors($0, $1)) } == 0)
        rig.world.receiver?.state = .hears
        try #require(rig.run(until: { rig.tick.receiver.link.isUp }, limit: 500))
        #expect(rig.tick.arm() == .none && rig.tick.takeOff(to: 3) == .none)
        try #require(rig.run(until: { rig.mode == .fly }, limit: 5000))
        rig.run(500)
        rig.world.receiver?.state = .silent
        var isFlown = false
        for _ in 0..<100 {
            rig.pilot = nil
            rig.step()
            isFlown = isFlown || rig.tick.sample(for: 0).setpoint.roll > 0.01
        }
        #expect(rig.mode == .land && !isFlown)
    }

    @Test func armingNeedsTheLinkOrTheControlSocket() throws {
        let rig = Rig(receiverBoard())
        rig.world.receiver?.state = .silent
        rig.pilot = nil
        let controller = TruthController(rig.world.parameters.airframe)
        let reasons = rig.prepare { reply($0, controller.motors($0, $1)) }
        #expect(ArmingReasons(rawValue: reasons) == .noPilot && rig.tick.arm() == .mayNotArm)
        rig.pilot = da_setpoint()
        rig.run(5)
        #expect(rig.tick.armingReasons() == 0)
        #expect(rig.tick.arm() == .none && rig.tick.takeOff(to: 3) == .none)
        try #require(rig.run(until: { rig.mode == .fly }, limit: 5000))
        rig.step()
        #expect(rig.status.source == SetpointSource.ground.rawValue)
        // The transmitter takes over, and the ground station's last word is still of now when it fails at once.
        rig.world.receiver?.state = .hears
        #expect(rig.run(until: { rig.status.source == SetpointSource.receiver.rawValue }, limit: 200))
        rig.world.receiver?.state = .silent
        rig.run(70)
        #expect(rig.mode == .fly && rig.status.source == SetpointSource.ground.rawValue)
    }

    /// At any place in a frame, and for longer than a silence may last.
    @Test(arguments: [UInt64(3), 5, 11, 60]) func aCrashDoesNotDropThePilot(dead: UInt64) throws {
        let rig = try flying()
        rig.world.receiver?.channels[0] = 1.65e-3
        rig.run(100 + Int(dead))
        let before = rig.tick.sample(for: 0).setpoint
        rig.crash(dead: dead)
        rig.step()
        rig.tick.arbiter.connect(0, pid: 1)
        #expect(rig.tick.receiver.link.isUp && rig.mode == .fly)
        rig.run(20)
        #expect(abs(rig.tick.sample(for: 0).setpoint.roll - before.roll) < 0.03, "some µs of jitter")
        rig.run(300)
        #expect(rig.mode == .fly && rig.status.source == SetpointSource.receiver.rawValue)
        rig.world.receiver?.state = .silent
        #expect(ticks(rig, until: .land, limit: 70) != nil, "and it is still listened to")
    }

    /// A line that cannot be read is a silence.
    @Test func aLineThatFailsLands() throws {
        let rig = try flying()
        rig.world.receiver = nil
        #expect(ticks(rig, until: .land, limit: 60) != nil)
        #expect(rig.tick.receiver.readsFailed > 40)
    }

    @Test func aBoardWithoutAReceiverReadsNone() throws {
        let rig = Rig()
        rig.run(100)
        #expect(rig.tick.receiver.readsFailed == 0 && rig.tick.receiver.decoder.counts.edges == 0)
    }

    @Test func theSameSeedFliesTheSame() throws {
        func flight() throws -> [MotorRecord] {
            let rig = try flying(seed: 5)
            rig.world.receiver?.dropped = 0.01
            rig.world.receiver?.channels[1] = 1.6e-3
            rig.run(500)
            return rig.world.motorLog.records
        }
        let (first, second) = (try flight(), try flight())
        #expect(first == second && first.count > 2000)
    }
}
