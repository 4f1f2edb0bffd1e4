import Airframe
import CContract
import Contract
import FlightCore
import Simulator
import Testing

/// Arming, modes, pilot's link and kill line, on the whole core in virtual time.
@Suite struct FlightModesTests {
    private static func flying(height: Float = 3, _ change: (inout da_board) -> Void = { _ in }) throws -> Rig {
        var board = testBoard()
        change(&board)
        let rig = Rig(board)
        let controller = TruthController(rig.world.parameters.airframe)
        try #require(rig.prepare { reply($0, controller.motors($0, $1)) } == 0)
        try #require(rig.tick.arm() == .none)
        rig.run(50)
        try #require(rig.tick.takeOff(to: height) == .none)
        try #require(rig.run(until: { rig.mode == .fly }, limit: 5000))
        return rig
    }

    @Test func armingIsRefusedWithItsReasons() {
        let rig = Rig()
        rig.pilot = nil
        rig.run(5)
        let early = ArmingReasons(rawValue: rig.tick.armingReasons())
        #expect(rig.tick.arm() == .mayNotArm)
        #expect(early.isSuperset(of: [.noOwner, .imu, .barometer, .notStill, .noPilot]))
        #expect(early.reasons.count >= 5 && early.reasons.allSatisfy { !$0.isEmpty })
        let controller = TruthController(rig.world.parameters.airframe)
        rig.pilot = da_setpoint()
        #expect(rig.prepare { reply($0, controller.motors($0, $1)) } == 0)
        #expect(rig.status.arming_refused == 0)
    }

    /// Each reason by itself, on a core that else would arm.
    @Test func eachReasonAlone() throws {
        func ready(_ change: (inout da_board) -> Void = { _ in }, reserved: UInt64 = 64) -> Rig {
            var board = testBoard()
            change(&board)
            let rig = Rig(board, reservedEpoch: reserved)
            let controller = TruthController(rig.world.parameters.airframe)
            _ = rig.prepare { reply($0, controller.motors($0, $1)) }
            return rig
        }
        func reasons(_ rig: Rig) -> ArmingReasons { ArmingReasons(rawValue: rig.tick.armingReasons()) }
        var rig = ready()
        rig.world.lineLevels[0] = 0
        rig.run(30)
        #expect(reasons(rig) == .armSwitch)
        rig = ready()
        rig.world.lineLevels[1] = 1
        rig.run(10)
        #expect(reasons(rig) == .kill)
        rig = ready()
        rig.answer[0] = { _, _ in nil }
        rig.run(30)
        #expect(reasons(rig) == .ownerSilent, "a silent owner stays the owner while the motors are off")
        rig = ready()
        rig.pilot = nil
        rig.run(300)
        #expect(reasons(rig) == .noPilot)
        #expect(reasons(ready { $0.battery_low = 13 }) == .batteryLow)
        #expect(reasons(ready { $0.bus_speed = 100_000 }).contains(.busBudget))
        #expect(reasons(ready(reserved: 3)) == .epochs)
        rig = ready()
        var body = RigidBody()
        body.attitude = Attitude(roll: 0.5, pitch: 0, yaw: 0)
        body.position.z = -1000
        rig.world.place(body)
        rig.run(1500)
        #expect(reasons(rig).contains(.notStill) || reasons(rig).contains(.tilted))
    }

    @Test func theOrderOfModes() throws {
        let rig = Rig()
        let controller = TruthController(rig.world.parameters.airframe)
        #expect(rig.tick.takeOff(to: 3) == .notArmed && rig.tick.land() == .notFlying)
        try #require(rig.prepare { reply($0, controller.motors($0, $1)) } == 0)
        #expect(rig.tick.arm() == .none && rig.tick.arm() == .alreadyArmed)
        #expect(rig.tick.land() == .notFlying)
        for height in [Float.nan, .infinity, -1, 0.5, 51] { #expect(rig.tick.takeOff(to: height) == .badValue) }
        rig.run(20)
        #expect(rig.tick.takeOff(to: 3) == .none && rig.mode == .takeoff)
        #expect(rig.run(until: { rig.mode == .fly }, limit: 5000))
        #expect(abs(rig.world.truth.altitude - 2.6) < 1)
        #expect(rig.tick.takeOff(to: 3) == .inTheAir && rig.tick.disarm(force: false) == .inTheAir)
        #expect(rig.tick.grant(1) == .inTheAir)
        #expect(rig.tick.land() == .none && rig.mode == .land)
        rig.step()
        #expect(abs(rig.tick.modes.setpoint.climb + 0.6) < 1e-6)
        #expect(rig.run(until: { rig.mode == .disarmed }, limit: 10_000))
        #expect(rig.world.truth.crash == nil && rig.world.truth.onGround)
        #expect(rig.tick.arbiter.owner == 0, "after a landing its owner stays")
    }

    @Test func thePilotsSetpointIsLimitedAndPassedOn() throws {
        let rig = try Self.flying()
        rig.pilot = da_setpoint(roll: 9, pitch: -9, yaw_rate: 99, climb: 99)
        rig.step()
        let setpoint = rig.tick.sample(for: 0).setpoint
        #expect(setpoint.roll == 0.75 && setpoint.pitch == -0.75 && setpoint.yaw_rate == 4 && setpoint.climb == 1.5)
        for value in [Float.nan, .infinity] {
            #expect(rig.tick.takePilot(da_setpoint(roll: value, pitch: 0, yaw_rate: 0, climb: 0)) == .badValue)
            #expect(rig.tick.takePilot(da_setpoint(roll: 0, pitch: 0, yaw_rate: 0, climb: value)) == .badValue)
        }
    }

    /// 9.4 V where 9.9 V are critical; a sag of half a second is no reason.
    @Test func aCriticalBatteryLandsTheVehicle() throws {
        let rig = try Self.flying()
        func sag(_ seconds: Double) {
            let word = UInt16(9.4 / 0.004) << 3
            let begin = rig.world.now
            rig.world.readingFaults = [
                ReadingFault(
                    .replaced(register: 2, at: 0, bytes: [UInt8(word >> 8), UInt8(word & 0xFF)]), address: 0x40,
                    span: begin..<begin + UInt64(seconds * 1e9))
            ]
        }
        sag(0.5)
        rig.run(500)
        #expect(rig.mode == .fly)
        sag(60)
        rig.run(400)
        #expect(rig.mode == .fly)
        rig.run(200)
        #expect(rig.mode == .land, "it is not the pilot's to decide any more")
        #expect(rig.run(until: { rig.mode == .disarmed }, limit: 10_000))
        #expect(rig.world.truth.crash == nil)
    }

    /// A switch that was asked for in flight does not come in the landing; the request expires.
    @Test func nobodyIsSwitchedToInALanding() throws {
        let rig = try Self.flying()
        let controller = TruthController(rig.world.parameters.airframe)
        let cut = rig.number
        rig.connect(1) { reply($0, controller.motors($0, $1), stateTick: cut) }
        rig.run(60)
        #expect(rig.tick.modes.maySwitch)
        #expect(rig.tick.land() == .none && !rig.tick.modes.maySwitch)
        #expect(rig.tick.requestSwitch(to: 1, within: 50) == .none)
        rig.run(60)
        #expect(rig.tick.arbiter.owner == 0 && rig.tick.arbiter.cause == .expired)
    }

    @Test func aSilentPilotLandsTheVehicle() throws {
        let rig = try Self.flying()
        rig.pilot = nil
        rig.run(240)
        #expect(rig.mode == .fly)
        rig.run(20)
        #expect(rig.mode == .land, "pilot_timeout is 0.5 s")
        rig.pilot = da_setpoint()
        rig.run(5)
        #expect(rig.mode == .land, "a landing that has begun goes on")
        #expect(rig.run(until: { rig.mode == .disarmed }, limit: 10_000))
        #expect(rig.world.truth.crash == nil)
    }

    @Test func aPilotAndAnArmingInTheSameGapGoTogether() throws {
        let rig = Rig()
        let controller = TruthController(rig.world.parameters.airframe)
        rig.pilot = nil
        _ = rig.prepare { reply($0, controller.motors($0, $1)) }
        rig.world.advance(to: rig.world.now + 500_000)
        #expect(rig.tick.takePilot(da_setpoint()) == .none)
        #expect(rig.tick.arm() == .none)
    }

    @Test func theKillLineStopsTheMotors() throws {
        let rig = try Self.flying()
        rig.world.lineLevels[1] = 1
        rig.run(6)
        #expect(rig.mode == .disarmed && rig.world.lineLevels[2] == 0, "output-enable is off")
        #expect(rig.tick.sample(for: 0).applied == (0, 0, 0, 0))
        rig.run(50)
        #expect(rig.world.truth.rotorSpeed.max() < 0.3)
        #expect(ArmingReasons(rawValue: rig.tick.armingReasons()).contains(.kill))
        rig.world.lineLevels[1] = 0
        rig.run(10)
        #expect(rig.mode == .disarmed && rig.world.lineLevels[2] == 1, "released, the motors still stand")
    }

    @Test func disarmingInTheAirMustBeForced() throws {
        let rig = try Self.flying()
        #expect(rig.tick.disarm(force: false) == .inTheAir && rig.mode == .fly)
        #expect(rig.tick.disarm(force: true) == .none && rig.mode == .disarmed)
        rig.step()
        #expect(rig.tick.sample(for: 0).applied == (0, 0, 0, 0))
    }

    /// Between arming and flight the vehicle stands: without an owner its motors stop.
    @Test func anOwnerLostOnTheGroundStopsTheMotors() throws {
        for isSilent in [false, true] {
            let rig = Rig()
            let controller = TruthController(rig.world.parameters.airframe)
            try #require(rig.prepare { reply($0, controller.motors($0, $1)) } == 0)
            #expect(rig.tick.arm() == .none)
            rig.run(50)
            #expect(rig.world.truth.rotorSpeed.min() > 0.02)
            if isSilent { rig.answer[0] = { _, _ in nil } } else { rig.tick.arbiter.disconnect(0) }
            rig.run(20)
            #expect(rig.mode == .disarmed && rig.tick.arbiter.owner == Arbiter.nobody && !rig.tick.arbiter.isFailsafe)
            #expect(rig.tick.sample(for: 0).applied == (0, 0, 0, 0))
        }
    }

    /// Lost in the middle of the take-off it comes down by itself.
    @Test(arguments: [50, 150, 300, 500, 700]) func anOwnerLostInTheTakeOff(ticks: Int) throws {
        let rig = Rig(seed: UInt64(ticks))
        let controller = TruthController(rig.world.parameters.airframe)
        try #require(rig.prepare { reply($0, controller.motors($0, $1)) } == 0)
        #expect(rig.tick.arm() == .none)
        rig.run(50)
        #expect(rig.tick.takeOff(to: 3) == .none)
        rig.run(ticks)
        rig.tick.arbiter.disconnect(0)
        #expect(rig.run(until: { rig.mode == .disarmed }, limit: 10_000))
        rig.run(300)
        #expect(rig.world.truth.crash == nil && rig.world.truth.onGround && rig.world.truth.tilt < 0.05)
    }
}
