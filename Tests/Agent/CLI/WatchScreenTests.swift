import Agent
import CContract
import CLI
import Contract
import LiveRecord
import Testing

@Suite("The live view of watch, line by line")
struct WatchScreenTests {
    private func status() -> da_status {
        var status = da_status()
        (status.tick, status.tick_rate, status.switch_tick, status.owner_epoch) = (12345, 500, 345, 7)
        (status.mode, status.source) = (FlightMode.fly.rawValue, SetpointSource.receiver.rawValue)
        (status.altitude, status.climb, status.roll, status.pitch) = (5.04, -0.2, 0.1, -0.05)
        status.battery_voltage = 11.9
        (status.ticks_skipped, status.ticks_late, status.ticks_held, status.ticks_failsafe) = (1, 2, 3, 4)
        fill(&status.instance.0.name, with: "flight-1")
        status.instance.0.role = InstanceRole.owner.rawValue
        return status
    }

    private func reading(_ change: (inout da_status) -> Void = { _ in }) throws -> LiveReading {
        var status = status()
        change(&status)
        var reading = LiveReading()
        reading.flight = LiveReading.Flight(status)
        reading.record.yaw = .pi / 2
        reading.record.rates = Vector3(0.1, -0.2, 0.3)
        reading.record.motors = [0.5, 0.25, 0.75, 1]
        reading.record.current = 4.2
        reading.agent = try report(
            """
            {"phase":"shadowing","instances":[],"update":{"reference":"flight:v2","began":1,"steps":[\
            {"phase":"shadowing","began":1,"text":"Shadows.","done":250,"total":500,"unit":"ticks"}]}}
            """)
        return reading
    }

    private func text(_ reading: LiveReading, _ width: Int = 79, _ height: Int = 24) -> [String] {
        watchScreen(reading, width: width, height: height).map(\.text)
    }

    @Test("All of it") func whole() throws {
        let lines = try text(reading())
        #expect(
            lines == [
                "mode      fly by the receiver, in the air",
                "height    5.0 m, climb -0.2 m/s",
                "owner     flight-1 for 24 s, epoch 7",
                "update    shadowing, to flight:v2",
                "          Shadows: 250 of 500 ticks. [##########..........]",
                "                           roll         5.7 deg      5.7 deg/s",
                "                           pitch       -2.9 deg    -11.5 deg/s",
                "                 --------  yaw         90.0 deg     17.2 deg/s",
                "-----------=o=---........  motor 1       50 % [##########..........]",
                ".........................  motor 2       25 % [#####...............]",
                ".........................  motor 3       75 % [###############.....]",
                ".........................  motor 4      100 % [####################]",
                "battery   11.9 V, 4.2 A",
                "ticks     12345 at 500 Hz: 1 skipped, 2 late, 3 held, 4 failsafe",
                "Ctrl-C ends the watching; the flight and an update go on.",
            ])
    }

    @Test("Without room for the horizon it is left out") func narrow() throws {
        let lines = try text(reading(), 60)
        #expect(lines.count == 15)
        #expect(lines[5] == "roll         5.7 deg      5.7 deg/s")
        #expect(lines[11] == "motor 4      100 % [####################]")
    }

    @Test("On few rows angles and motors are a line each, and the most wanted stays") func low() throws {
        let lines = try text(reading(), 79, 14)
        #expect(lines.count == 10)
        #expect(lines[5] == "attitude  roll 5.7, pitch -2.9, yaw 90.0 deg")
        #expect(lines[6] == "motors    50, 25, 75, 100 %")
        let least = try text(reading(), 79, 6)
        #expect(least == Array(lines.prefix(6)))
    }

    @Test("Too small for more it is the line that a pipe gets", arguments: [(39, 24), (79, 5), (0, 0)])
    func tooSmall(_ width: Int, _ height: Int) throws {
        let reading = try reading()
        let flight = try #require(reading.flight)
        #expect(text(reading, width, height) == [watchLine(flight.core, phase: "shadowing")])
        var lost = LiveReading()
        lost.coreFault = "The core is away."
        #expect(text(lost, width, height) == ["The core is away."])
    }

    @Test("On the ground, with nobody who flies and no record") func ground() throws {
        var reading = try reading { status in
            status.instance.0.role = InstanceRole.shadow.rawValue
            (status.mode, status.source, status.on_ground) = (FlightMode.disarmed.rawValue, 0, 1)
            status.arming_refused = ArmingReasons.armSwitch.rawValue
        }
        reading.record = RecordTail.Values()
        reading.agent = try report(#"{"instances":[],"last_update":"v2: refused"}"#)
        let lines = text(reading)
        #expect(lines[0] == "mode      disarmed, on the ground")
        #expect(lines[2] == "owner     nobody owns the motors")
        #expect(lines[3] == "update    none under way; the last one: v2: refused")
        #expect(lines[4].hasSuffix("roll         5.7 deg"))
        #expect(lines[6].hasSuffix("yaw            - deg"))
        #expect(lines[7].hasSuffix("motor 1        - %"))
        #expect(lines.contains("arming    would be refused: the arm switch is off"))
        #expect(text(reading, 79, 12).contains("motors    known while a flight is recorded"))
    }

    @Test("A core that is away, and an agent") func away() {
        var reading = LiveReading()
        (reading.coreFault, reading.agentFault) = ("The core is away.", "The agent is away.")
        #expect(
            text(reading) == [
                "core      The core is away.", "agent     The agent is away.",
                "Ctrl-C ends the watching; the flight and an update go on.",
            ])
    }

    @Test("A sentence that is too wide goes on below: what to do stands at its end") func wide() {
        var reading = LiveReading()
        reading.coreFault = "The flight core does not answer at /run/core.sock; start flightcore."
        #expect(
            text(reading, 50) == [
                "core      The flight core does not answer at", "          /run/core.sock; start flightcore.",
                "Ctrl-C ends the watching; the flight and an update go on.",
            ])
    }

    @Test("Probation is said, and for how long somebody owns") func owner() throws {
        let probation = try reading { status in
            status.in_probation = 1
            status.switch_tick = 12345
        }
        #expect(text(probation)[2] == "owner     flight-1 for 0 s, epoch 7, on probation")
        let unknown = try reading { $0.switch_tick = 99999 }
        #expect(text(unknown)[2] == "owner     flight-1, epoch 7")
    }

    @Test("No line is wider than asked for, with colours or without", arguments: [0, 1, 9, 10, 40, 79])
    func width(_ width: Int) throws {
        for line in watchScreen(try reading(), width: 79, height: 24) {
            let plain = line.rendered(width: width, hasColours: false)
            #expect(plain == String(line.text.prefix(width)))
            let coloured = line.rendered(width: width, hasColours: true)
            #expect(coloured.replacing(/\u{1B}\[[0-9]+m/, with: "") == plain)
        }
    }

    @Test("Colours are put back, and those who want none have none") func colours() {
        let line = StyledLine("failsafe", .fault)
        #expect(line.rendered(width: 4, hasColours: true) == "\u{1B}[31mfail\u{1B}[0m")
        #expect(line.rendered(width: 80, hasColours: false) == "failsafe")
        for ink in Ink.allCases {
            #expect(StyledLine("a", ink).rendered(width: 1, hasColours: false) == "a")
        }
    }

    @Test("Nobody's name steers the terminal") func control() throws {
        let reading = try reading { fill(&$0.instance.0.name, with: "a\u{1B}[2Jb") }
        #expect(text(reading)[2] == "owner     a?[2Jb for 24 s, epoch 7")
    }

    @Test("A frame begins at the top and leaves nothing of the one before") func frame() {
        #expect(ScreenText.frame(["a", "b"]) == "\u{1B}[Ha\u{1B}[K\r\nb\u{1B}[K\u{1B}[J")
        #expect(ScreenText.leave.hasSuffix("\u{1B}[?25h\u{1B}[?1049l"))
    }

    @Test(
        "What the environment says",
        arguments: [
            ([:], true, true), (["TERM": "xterm", "NO_COLOR": ""], true, true), (["NO_COLOR": "1"], true, false),
            (["TERM": "dumb"], false, false),
        ] as [([String: String], Bool, Bool)])
    func habits(_ environment: [String: String], _ moves: Bool, _ colours: Bool) {
        let habits = TerminalHabits(environment: environment)
        #expect(habits.canMove == moves && habits.hasColours == colours)
    }
}
