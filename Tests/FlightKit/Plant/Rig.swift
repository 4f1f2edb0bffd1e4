import CContract
import Contract
import FlightKit

/// A flight container of any controller, as the rig's core sees it.
protocol Flyer: AnyObject {
    func answer(_ sample: da_sample) -> da_command
    func apply(_ cut: StateCut) -> CutOutcome
    func cut() -> StateCut
}

extension FlightInstance: Flyer {}

func fly<C: Controller>(_: C.Type) -> FlightInstance<C> {
    FlightInstance<C>(vehicle: Plant.vehicle, tickRate: Rig.tickRate)
}

/// The plant with a make-believe core around it: samples out, the owner's commands in, roles handed over.
struct Rig {
    static let tickRate = 500

    struct Trace {
        var tick: UInt64
        var height: Float
        var target: Float
        var tilt: Float
        var roll: Float
        var pitch: Float
        var yawRate: Float
        var setpoint: da_setpoint
        var mode: UInt8
        var commands: [da_command]
        var applied: Motors
    }

    var plant: Plant
    var flyers: [any Flyer]
    /// Index of the owner; nil: nobody.
    var owner: Int?
    var epoch: UInt64 = 0
    var tick: UInt64 = 1000
    var trace: [Trace] = []
    var script: [Leg]
    /// Changes a sample before anybody sees it.
    var tamper: ((inout da_sample) -> Void)?
    private var applied = Motors(repeating: 0)
    private var scriptTick = 0
    private var leg = 0
    private var target: Float = 0
    private var wasAloft = false

    init(_ flyers: [any Flyer], owner: Int? = 0, seed: UInt64 = 1, gustiness: Float = 1, script: [Leg] = Leg.flight) {
        plant = Plant(seed: seed, gustiness: gustiness)
        self.flyers = flyers
        self.script = script
        if let owner { grant(owner) }
    }

    var isOver: Bool { leg >= script.count }
    var current: Leg? { isOver ? nil : script[leg] }

    mutating func grant(_ index: Int) {
        owner = index
        epoch += 1
    }

    /// One tick: sense, publish, take the owner's command, move.
    mutating func step() {
        guard let current else { return }
        var sample = senseAndPilot(current)
        tamper?(&sample)
        var commands: [da_command] = []
        for (index, flyer) in flyers.enumerated() {
            sample.your_epoch = index == owner ? epoch : 0
            commands.append(flyer.answer(sample))
        }
        if let owner { applied = Motors(commands[owner].motor) }
        plant.advance(applied, seconds: 1 / Float(Self.tickRate))
        if sample.mode >= UInt8(DA_MODE_TAKEOFF.rawValue) && sample.mode != UInt8(DA_MODE_LAND.rawValue) {
            target += sample.setpoint.climb / Float(Self.tickRate)
        }
        trace.append(
            Trace(
                tick: tick, height: plant.height, target: target, tilt: plant.attitude.tilt,
                roll: plant.attitude.roll, pitch: plant.attitude.pitch, yawRate: plant.rate.z,
                setpoint: sample.setpoint, mode: sample.mode, commands: commands, applied: applied))
        tick += 1
        advanceScript(current)
    }

    mutating func run(until end: (Rig) -> Bool = { _ in false }, limit: Int = 100_000) {
        for _ in 0..<limit where !isOver && !end(self) { step() }
    }

    /// Until the leg of that name begins.
    mutating func run(to name: String) { run { $0.current?.name == name } }

    mutating func run(seconds: Float) {
        for _ in 0..<Int(seconds * Float(Self.tickRate)) { step() }
    }

    private mutating func senseAndPilot(_ leg: Leg) -> da_sample {
        let sensed = plant.sense()
        var sample = da_sample.make()
        sample.tick = tick
        sample.scheduled_ns = tick * 2_000_000
        sample.sensed_ns = sample.scheduled_ns + 500_000
        sample.owner_epoch = owner == nil ? 0 : epoch
        sample.gyro = sensed.gyro.array
        sample.accel = sensed.accel.array
        sample.pressure = sensed.pressure
        sample.temperature = 20
        sample.battery_voltage = 11.5
        sample.applied = applied.array
        sample.applied_tick = tick - 1
        sample.setpoint = leg.setpoint
        sample.mode = UInt8(leg.mode.rawValue)
        sample.flags = UInt8(DA_SAMPLE_IMU_FRESH.rawValue)
        if tick % 20 == 0 { sample.flags |= UInt8(DA_SAMPLE_BARO_FRESH.rawValue) }
        if plant.isOnGround { sample.flags |= UInt8(DA_SAMPLE_ON_GROUND.rawValue) }
        return sample
    }

    private mutating func advanceScript(_ current: Leg) {
        scriptTick += 1
        let hasLanded = current.mode == DA_MODE_LAND && plant.isOnGround
        if hasLanded || scriptTick >= Int(current.seconds * Float(Self.tickRate)) {
            leg += 1
            scriptTick = 0
        }
    }
}

/// A stretch of the pilot's script.
struct Leg {
    var name: String
    var mode: da_mode
    var seconds: Float
    var setpoint = da_setpoint(roll: 0, pitch: 0, yaw_rate: 0, climb: 0)

    init(
        _ name: String, _ mode: da_mode, _ seconds: Float, roll: Float = 0, pitch: Float = 0, yawRate: Float = 0,
        climb: Float = 0
    ) {
        self.name = name
        self.mode = mode
        self.seconds = seconds
        setpoint = da_setpoint(roll: roll, pitch: pitch, yaw_rate: yawRate, climb: climb)
    }

    /// 20 degrees, in rad.
    static let bank: Float = 0.349

    /// Take-off, doublets of 20 degrees, a turn at 90 degrees/s, climb and descent at 1 m/s, landing.
    static let flight: [Leg] =
        [
            Leg("stand", DA_MODE_DISARMED, 3), Leg("armed", DA_MODE_ARMED, 1),
            Leg("takeoff", DA_MODE_TAKEOFF, 3, climb: 1), Leg("hover", DA_MODE_FLY, 3),
        ] + manoeuvres + manoeuvres + [Leg("land", DA_MODE_LAND, 20, climb: -0.6), Leg("down", DA_MODE_DISARMED, 0.5)]

    static let manoeuvres: [Leg] = [
        Leg("roll", DA_MODE_FLY, 0.8, roll: bank), Leg("roll back", DA_MODE_FLY, 0.8, roll: -bank),
        Leg("rest", DA_MODE_FLY, 1), Leg("pitch", DA_MODE_FLY, 0.8, pitch: bank),
        Leg("pitch back", DA_MODE_FLY, 0.8, pitch: -bank), Leg("rest", DA_MODE_FLY, 1),
        Leg("yaw", DA_MODE_FLY, 2, yawRate: 1.571), Leg("climb", DA_MODE_FLY, 2, climb: 1),
        Leg("descent", DA_MODE_FLY, 2, climb: -1), Leg("rest", DA_MODE_FLY, 2),
    ]
}
