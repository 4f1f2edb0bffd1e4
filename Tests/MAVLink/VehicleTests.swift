import Contract
import MAVLink
import Testing

/// The vehicle between stations and a played core, in virtual time.
@Suite struct VehicleTests {
    /// A played core: notes what it was asked, and answers as it is told.
    private final class Core {
        var orders: [Order] = []
        var answer = OrderAnswer.done

        func ask(_ order: Order) -> OrderAnswer {
            orders.append(order)
            return answer
        }
    }

    private struct Stage {
        var vehicle: Vehicle<String>
        var state = VehicleState()
        var now: UInt64 = 0
        let core = Core()

        init(acceptsCommands: Bool = true, key: [UInt8]? = nil, named: [String] = []) {
            var options = Vehicle<String>.Options()
            options.acceptsCommands = acceptsCommands
            options.key = key
            options.named = named
            vehicle = Vehicle(options)
        }

        var time: Vehicle<String>.Time { .init(milliseconds: now, stamp: now * 100) }

        mutating func hear(
            _ message: some Message, from place: String = "a", sender: Sender = Sender(system: 255, component: 190)
        ) -> [Content] {
            let bytes = Packet(message.content, from: sender, sequence: 0).bytes
            let core = core
            return Self.contents(vehicle.receive(bytes, from: place, at: time) { core.ask($0) })
        }

        /// Lets time pass in steps of 20 ms; what went to `place` meanwhile.
        mutating func pass(_ milliseconds: UInt64, place: String? = nil) -> [Content] {
            var out: [Content] = []
            let core = core
            for _ in 0..<milliseconds / 20 {
                let sent = vehicle.turn(.state(state), at: time) { core.ask($0) }
                out += Self.contents(sent.filter { place == nil || $0.place == place })
                now += 20
            }
            return out
        }

        static func contents(_ datagrams: [Vehicle<String>.Datagram]) -> [Content] {
            datagrams.compactMap { try? Packet.read($0.bytes[...]).result.get().content }
        }
    }

    private static func all<M: Message>(_ kind: M.Type, _ contents: [Content]) -> [M] {
        contents.compactMap { $0.read(as: kind) }
    }

    private static func texts(_ contents: [Content]) -> String {
        all(Dialect.Statustext.self, contents).map(\.text).joined()
    }

    private static func command(_ number: UInt16, _ first: Float = 0, second: Float = 0, height: Float = .nan)
        -> Dialect.CommandLong
    {
        var message = Dialect.CommandLong()
        message.targetSystem = 1
        message.targetComponent = 1
        message.command = number
        message.param1 = first
        message.param2 = second
        message.param7 = height
        return message
    }

    private static var heartbeat: Dialect.Heartbeat {
        var message = Dialect.Heartbeat()
        message.type = Dialect.VehicleType.groundStation
        return message
    }

    private static func sticks(x: Int16 = 0, y: Int16 = 0, z: Int16 = 500, r: Int16 = 0) -> Dialect.ManualControl {
        var message = Dialect.ManualControl()
        message.target = 1
        (message.x, message.y, message.z, message.r) = (x, y, z, r)
        return message
    }

    private static func results(_ contents: [Content]) -> [UInt8] {
        all(Dialect.CommandAck.self, contents).map(\.result)
    }

    // MARK: Telemetry

    @Test("Nobody is told before somebody speaks; then each stream has its rate") func rates() {
        var stage = Stage()
        let before = stage.pass(1000)
        #expect(before.isEmpty)
        _ = stage.hear(Self.heartbeat)
        stage.state.motors = [0, 0.5, 1, 0.25]
        _ = stage.pass(1000)
        var told: [Content] = []
        for _ in 0..<5 {
            _ = stage.hear(Self.heartbeat)
            told += stage.pass(2000)
        }
        let counts = Dictionary(grouping: told, by: \.definition.name).mapValues(\.count)
        #expect(
            counts == [
                "HEARTBEAT": 10, "SYS_STATUS": 10, "BATTERY_STATUS": 10, "EXTENDED_SYS_STATE": 20, "ATTITUDE": 100,
                "VFR_HUD": 50, "ALTITUDE": 50, "SERVO_OUTPUT_RAW": 50,
            ])
    }

    @Test("Units and scales are MAVLink's") func scales() throws {
        var stage = Stage(named: ["a"])
        stage.state.mode = .fly
        stage.state.isOnGround = false
        (stage.state.roll, stage.state.pitch, stage.state.yaw) = (0.1, -0.2, -.pi / 2)
        stage.state.rates = Vector3(1, 2, 3)
        (stage.state.altitude, stage.state.climb) = (4.5, -0.5)
        stage.state.motors = [0, 0.5, 1, 0.25]
        (stage.state.voltage, stage.state.current, stage.state.busLoad) = (11.8, 12.34, 0.427)
        let told = stage.pass(20)
        let attitude = try #require(Self.all(Dialect.Attitude.self, told).first)
        #expect(attitude.roll == 0.1 && attitude.pitch == -0.2 && attitude.yaw == -.pi / 2 && attitude.yawspeed == 3)
        let status = try #require(Self.all(Dialect.SysStatus.self, told).first)
        #expect(status.voltageBattery == 11800 && status.currentBattery == 1234 && status.load == 427)
        let battery = try #require(Self.all(Dialect.BatteryStatus.self, told).first)
        #expect(battery.voltages == [11800] + [UInt16](repeating: 65535, count: 9) && battery.batteryRemaining == -1)
        let servo = try #require(Self.all(Dialect.ServoOutputRaw.self, told).first)
        #expect([servo.servo1Raw, servo.servo2Raw, servo.servo3Raw, servo.servo4Raw] == [1000, 1500, 2000, 1250])
        let display = try #require(Self.all(Dialect.VfrHud.self, told).first)
        #expect(display.heading == 270 && display.throttle == 44 && display.alt == 4.5 && display.climb == -0.5)
        let heights = try #require(Self.all(Dialect.Altitude.self, told).first)
        #expect(heights.altitudeRelative == 4.5 && heights.altitudeAmsl.isNaN && heights.altitudeTerrain < -1000)
        let heartbeat = try #require(Self.all(Dialect.Heartbeat.self, told).first)
        #expect(heartbeat.baseMode & 128 != 0 && heartbeat.customMode == 3 && heartbeat.systemStatus == 4)
        let landed = try #require(Self.all(Dialect.ExtendedSysState.self, told).first)
        #expect(landed.landedState == 2)
    }

    @Test("Values that are none fit into every message", arguments: [Float.nan, .infinity, -.infinity, 1e30, -1e30])
    func extremes(_ value: Float) {
        var stage = Stage(named: ["a"])
        (stage.state.roll, stage.state.pitch, stage.state.yaw) = (value, value, value)
        (stage.state.altitude, stage.state.climb, stage.state.busLoad) = (value, value, value)
        (stage.state.voltage, stage.state.current) = (value, value)
        stage.state.motors = [value, value, value, value]
        (stage.state.writesFailed, stage.state.readsFailed) = (.max, .max)
        let told = stage.pass(20)
        #expect(told.count == 8)
    }

    @Test("Health is what keeps the vehicle from arming; a pilot's link is none where a station holds it") func health()
        throws
    {
        let cases: [(Bool, ArmingReasons, Bool)] = [
            (true, .noPilot, true), (false, .noPilot, false), (true, [.noPilot, .tilted], false),
        ]
        for (accepts, reasons, isHealthy) in cases {
            var stage = Stage(acceptsCommands: accepts, named: ["a"])
            stage.state.trouble = reasons
            let told = stage.pass(20)
            let status = try #require(Self.all(Dialect.SysStatus.self, told).first)
            #expect((status.onboardControlSensorsHealth & 0x1000_0000 != 0) == isHealthy)
        }
    }

    @Test("Without the core there is no heartbeat, and it is said once") func lost() {
        var stage = Stage(named: ["a"])
        _ = stage.pass(1000)
        var told: [Content] = []
        for _ in 0..<100 {
            told += Stage.contents(stage.vehicle.turn(.lost("The core is away."), at: stage.time) { _ in .done })
            stage.now += 20
        }
        #expect(told.count == 1 && Self.texts(told) == "The core is away.")
        let back = stage.pass(20)
        #expect(Self.texts(back) == "The flight core answers." && !Self.all(Dialect.Heartbeat.self, back).isEmpty)
    }

    @Test("A new owner, another mode, and trouble in flight are said") func news() {
        var stage = Stage(named: ["a"])
        stage.state.mode = .fly
        (stage.state.owner, stage.state.epoch) = ("flight-1", 7)
        let first = stage.pass(20)
        #expect(Self.texts(first).isEmpty)
        (stage.state.owner, stage.state.epoch) = ("flight-2", 8)
        let second = stage.pass(20)
        #expect(Self.texts(second) == "flight-2 owns the motors (epoch 8).")
        stage.state.mode = .land
        stage.state.trouble = .batteryLow
        let third = stage.pass(20)
        #expect(Self.texts(third) == "Flight mode: land.Trouble: the battery is low.")
    }

    @Test("A long sentence goes in parts of 50 bytes, whole characters in each") func parts() {
        var stage = Stage(named: ["a"])
        let sentence = String(repeating: "Höhe über Grund; ", count: 9)
        let told = Stage.contents(stage.vehicle.say(6, sentence, at: stage.time))
        let parts = Self.all(Dialect.Statustext.self, told)
        #expect(parts.map(\.text).joined() == sentence && parts.allSatisfy { $0.id == parts[0].id && $0.id > 0 })
        #expect(parts.map(\.chunkSeq) == Array(0..<UInt8(parts.count)))
        let long = Stage.contents(stage.vehicle.say(6, String(repeating: "x", count: 10_000), at: stage.time))
        #expect(long.count <= 7)
    }

    // MARK: Commands

    @Test("Arm, take off and land go to the core, and are acknowledged") func commands() {
        var stage = Stage()
        let armed = stage.hear(Self.command(Dialect.Command.armDisarm, 1))
        #expect(Self.results(armed) == [0] && stage.core.orders == [.pilot(.level), .arm])
        stage.core.orders = []
        let up = stage.hear(Self.command(Dialect.Command.takeoff, height: 3))
        let down = stage.hear(Self.command(Dialect.Command.land))
        #expect(Self.results(up + down) == [0, 0] && stage.core.orders == [.takeOff(3), .land])
        stage.core.orders = []
        _ = stage.hear(Self.command(Dialect.Command.armDisarm, 0))
        _ = stage.hear(Self.command(Dialect.Command.armDisarm, 0, second: 21196))
        #expect(stage.core.orders == [.disarm(isForced: false), .disarm(isForced: true)])
    }

    @Test("What the core refuses is rejected, with its sentence") func refused() {
        var stage = Stage()
        stage.core.answer = .refused("The vehicle is not armed; arm it first.")
        let told = stage.hear(Self.command(Dialect.Command.takeoff))
        #expect(Self.results(told) == [1] && Self.texts(told) == "The vehicle is not armed; arm it first.")
        stage.core.answer = .unreachable("The core is away.")
        let failed = stage.hear(Self.command(Dialect.Command.land))
        #expect(Self.results(failed) == [4])
    }

    @Test("Unless it was told to, it takes no command and no stick") func telemetryOnly() {
        var stage = Stage(acceptsCommands: false)
        let told = stage.hear(Self.command(Dialect.Command.armDisarm, 1))
        #expect(Self.results(told) == [2] && Self.texts(told).contains("--accept-commands"))
        _ = stage.hear(Self.sticks())
        _ = stage.pass(1000)
        #expect(stage.core.orders.isEmpty && stage.vehicle.counts.refused == 2)
    }

    @Test("A command for another vehicle, or for all, is none for this one") func others() {
        var stage = Stage()
        for system in [UInt8(0), 2] {
            var command = Self.command(Dialect.Command.armDisarm, 1)
            command.targetSystem = system
            let told = stage.hear(command)
            #expect(told.isEmpty)
        }
        #expect(stage.core.orders.isEmpty)
    }

    @Test("Values that are none are denied", arguments: [Float.nan, .infinity, 0.5, -1])
    func values(_ value: Float) {
        var stage = Stage()
        let told = stage.hear(Self.command(Dialect.Command.armDisarm, value))
        #expect(Self.results(told) == [2])
        let high = stage.hear(Self.command(Dialect.Command.takeoff, height: -.infinity))
        #expect(Self.results(high) == [2] && stage.core.orders.isEmpty)
    }

    @Test("A repeated command has its first answer; a flood of them does not reach the core") func repeated() {
        var stage = Stage()
        _ = stage.hear(Self.command(Dialect.Command.land))
        var again = Self.command(Dialect.Command.land)
        again.confirmation = 1
        let told = stage.hear(again)
        #expect(Self.results(told) == [0] && stage.core.orders == [.land])
        for _ in 0..<1000 { _ = stage.hear(Self.command(Dialect.Command.land)) }
        #expect(stage.core.orders.count == Vehicle<String>.commandsMax)
    }

    @Test("Questions are answered: version, one parameter, no mission; what is not known is said to be")
    func questions()
        throws
    {
        var stage = Stage(acceptsCommands: false)
        let version = stage.hear(Self.command(Dialect.Command.requestMessage, 148))
        #expect(Self.results(version) == [0] && Self.all(Dialect.AutopilotVersion.self, version).count == 1)
        let other = stage.hear(Self.command(Dialect.Command.requestMessage, 242))
        let unknown = stage.hear(Self.command(511))
        #expect(Self.results(other) == [3] && Self.results(unknown) == [3])
        var list = Dialect.ParamRequestList()
        (list.targetSystem, list.targetComponent) = (1, 1)
        let listed = stage.hear(list)
        let value = try #require(Self.all(Dialect.ParamValue.self, listed).first)
        #expect(value.paramId == "MIS_TAKEOFF_ALT" && value.paramValue == 5 && value.paramCount == 1)
        var mission = Dialect.MissionRequestList()
        (mission.targetSystem, mission.targetComponent) = (1, 1)
        let answer = stage.hear(mission)
        #expect(Self.all(Dialect.MissionCount.self, answer).map(\.count) == [0])
    }

    @Test("The take-off's height is set by who may fly, within the core's limits") func height() {
        let cases: [(Bool, Float, Float)] = [(true, 8, 8), (true, 100, 5), (true, .nan, 5), (false, 8, 5)]
        for (accepts, wanted, height) in cases {
            var stage = Stage(acceptsCommands: accepts)
            var set = Dialect.ParamSet()
            (set.targetSystem, set.targetComponent) = (1, 1)
            (set.paramId, set.paramType, set.paramValue) = ("MIS_TAKEOFF_ALT", 9, wanted)
            let told = stage.hear(set)
            #expect(Self.all(Dialect.ParamValue.self, told).map(\.paramValue) == [height])
            _ = stage.hear(Self.command(Dialect.Command.takeoff))
            #expect(stage.core.orders == (accepts ? [.takeOff(height)] : []))
        }
    }

    // MARK: Pilot

    @Test("Who arms holds the link while its heartbeats come") func heartbeats() {
        var stage = Stage()
        _ = stage.hear(Self.command(Dialect.Command.armDisarm, 1))
        stage.state.mode = .fly
        _ = stage.pass(100)
        for _ in 0..<4 {
            _ = stage.hear(Self.heartbeat)
            stage.core.orders = []
            _ = stage.pass(1000)
            #expect(stage.core.orders == [Order](repeating: .pilot(.level), count: 10))
        }
        // Another station's heartbeat does not hold it.
        stage.core.orders = []
        for _ in 0..<5 {
            _ = stage.hear(Self.heartbeat, from: "b", sender: Sender(system: 254, component: 190))
            _ = stage.pass(1000)
        }
        #expect(stage.core.orders.count == 20)
    }

    @Test("Nobody's heartbeat holds the link of a vehicle that no station has armed") func strangers() {
        var stage = Stage()
        stage.state.mode = .fly
        _ = stage.hear(Self.heartbeat)
        _ = stage.pass(2000)
        #expect(stage.core.orders.isEmpty)
    }

    @Test("Behind disarming the link is let go") func letGo() {
        var stage = Stage()
        _ = stage.hear(Self.command(Dialect.Command.armDisarm, 1))
        _ = stage.pass(1500)
        stage.core.orders = []
        _ = stage.hear(Self.heartbeat)
        _ = stage.pass(1000)
        #expect(stage.core.orders.isEmpty)
    }

    @Test("Sticks become a setpoint; forward is nose down") func sticks() {
        var stage = Stage()
        _ = stage.hear(Self.sticks(x: 1000, y: -500, z: 1000, r: 250))
        let wanted = Order.Setpoint(
            roll: -PilotLink.tilt / 2, pitch: -PilotLink.tilt, yawRate: PilotLink.yawRate / 4, climb: PilotLink.climb)
        #expect(stage.core.orders == [.pilot(wanted)])
        stage.now = 100
        _ = stage.hear(Self.sticks(x: .max, y: .max, z: .max, r: .max))
        #expect(stage.core.orders.last == .pilot(.level))
    }

    @Test("A frame out of range is refused", arguments: [Int16.min, -1001, 1001, 32766])
    func range(_ value: Int16) {
        var stage = Stage()
        _ = stage.hear(Self.sticks(x: value))
        _ = stage.hear(Self.sticks(z: value))
        _ = stage.hear(Self.sticks(z: -1))
        #expect(stage.core.orders.isEmpty && stage.vehicle.counts.refused == 3)
    }

    @Test("Frames go on once, at most 50 a second, the newest; when they stop nothing covers that up") func silence() {
        var stage = Stage()
        _ = stage.hear(Self.command(Dialect.Command.armDisarm, 1))
        stage.state.mode = .fly
        stage.core.orders = []
        for frame in 0..<1000 {
            stage.now = 1000 + UInt64(frame)
            _ = stage.hear(Self.sticks(y: Int16(frame)))
        }
        #expect(stage.core.orders.count == 50)
        _ = stage.pass(40)
        #expect(stage.core.orders.last == .pilot(.init(roll: 0.999 * PilotLink.tilt, pitch: 0, yawRate: 0, climb: 0)))
        stage.core.orders = []
        // The core's own time-out lands the vehicle: not even the station's heartbeat holds the link now.
        for _ in 0..<3 {
            _ = stage.hear(Self.heartbeat)
            _ = stage.pass(1000)
        }
        #expect(stage.core.orders.isEmpty)
    }

    @Test("The sticks have one pilot at a time") func seat() {
        var stage = Stage()
        _ = stage.hear(Self.sticks(y: 100))
        stage.now += 500
        let other = Sender(system: 254, component: 1)
        _ = stage.hear(Self.sticks(y: -100), from: "b", sender: other)
        #expect(stage.core.orders.count == 1 && stage.vehicle.counts.refused == 1)
        stage.now += PilotLink.seatLimit
        _ = stage.hear(Self.sticks(y: -100), from: "b", sender: other)
        #expect(stage.core.orders.count == 2)
    }

    @Test("A receiver that flies is said once") func receiver() {
        var stage = Stage()
        stage.core.answer = .refused("The pilot's receiver flies.")
        var told: [Content] = []
        for _ in 0..<10 {
            told += stage.hear(Self.sticks())
            stage.now += 100
        }
        #expect(Self.texts(told) == "The pilot's receiver flies.")
    }

    // MARK: Strangers

    @Test("Stations are bounded, and forgotten when they are silent") func crowd() {
        var stage = Stage()
        for number in 0..<20 { _ = stage.hear(Self.heartbeat, from: "station \(number)") }
        #expect(stage.vehicle.counts.crowded == 12)
        _ = stage.pass(20)
        let late = stage.hear(Self.command(Dialect.Command.armDisarm, 1), from: "station 19")
        #expect(late.isEmpty && stage.core.orders.isEmpty)
        stage.now += 10_000
        _ = stage.pass(20)
        let welcome = stage.hear(Self.command(Dialect.Command.armDisarm, 1), from: "station 19")
        #expect(Self.results(welcome) == [0])
    }

    @Test("With a key only who signs is heard, and everything is signed") func signed() throws {
        let key = [UInt8](repeating: 9, count: 32)
        var stage = Stage(key: key, named: ["a"])
        stage.now = 1000
        let told = stage.hear(Self.command(Dialect.Command.armDisarm, 1))
        #expect(told.isEmpty && stage.core.orders.isEmpty && stage.vehicle.counts.unbelieved == 1)
        var station = Signing(key: key)
        let sender = Sender(system: 255, component: 190)
        let packet = Packet(
            Self.command(Dialect.Command.armDisarm, 1).content, from: sender, sequence: 0, isSigned: true)
        let bytes = station.sign(packet.bytes, at: stage.time.stamp)
        let core = stage.core
        let answers = stage.vehicle.receive(bytes, from: "a", at: stage.time) { core.ask($0) }
        let first = try #require(answers.first)
        let answer = try Packet.read(first.bytes[...]).result.get()
        #expect(answer.isSigned && core.orders == [.pilot(.level), .arm])
        try station.check(first.bytes[...], of: answer, at: stage.time.stamp)
        // Sent once more by who has listened.
        let again = stage.vehicle.receive(bytes, from: "b", at: stage.time) { core.ask($0) }
        #expect(again.isEmpty && core.orders.count == 2)
    }

    @Test("Whatever comes, it goes on, and the answers are bounded") func fuzz() {
        var random = SplitMix(state: 7)
        var stage = Stage()
        let definitions = Dialect.definitions.values.sorted { $0.id < $1.id }
        for round in 0..<20_000 {
            let definition = definitions[Int.random(in: 0..<definitions.count, using: &random)]
            let payload = (0..<definition.length).map { _ in UInt8.random(in: 0...255, using: &random) }
            var bytes = Packet(
                Content(definition: definition, payload: Payload(payload, length: definition.length)),
                from: Sender(system: UInt8.random(in: 0...255, using: &random), component: 1),
                sequence: UInt8(truncatingIfNeeded: round)
            ).bytes
            if round % 3 == 0 { bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 0xFF }
            let core = stage.core
            let answers = stage.vehicle.receive(bytes, from: "\(round % 11)", at: stage.time) { core.ask($0) }
            #expect(answers.count <= 8 * 8)
            stage.now += UInt64.random(in: 0...40, using: &random)
            if round % 50 == 0 { _ = stage.vehicle.turn(.state(stage.state), at: stage.time) { core.ask($0) } }
        }
        let counts = stage.vehicle.counts
        #expect(counts.taken > 0 && counts.malformed > 0)
        for order in stage.core.orders {
            if case .pilot(let setpoint) = order { #expect(abs(setpoint.roll) <= PilotLink.tilt) }
        }
    }
}
