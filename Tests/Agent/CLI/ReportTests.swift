import Agent
import CLI
import Testing

@Suite("Reports for people")
struct ReportTests {
    @Test("A plan is a table, a sum, and its notes") func plan() throws {
        let plan: PlanReport = try report(
            """
            {"channels":[{"name":"estimator","kind":"replicate","bytes":88,"schema":"1"},\
            {"name":"rotors","kind":"observe","bytes":0,"schema":"not sent"}],\
            "state_bytes":88,"pull_bytes":1234,"seconds":9.25,\
            "rehearsal_s":2,"sync_s":0.03,"shadow_s":2,"notes":["The channel wind is left behind."]}
            """)
        #expect(
            planLines(plan) == [
                "channel    kind       schema    bytes", "estimator  replicate  1         88",
                "rotors     observe    not sent  0",
                "State of 88 bytes a cut; 1234 bytes to pull; about 9.3 s until the old version stops: 2.0 s rehearsal, "
                    + "0.03 s for the state, 2.0 s in shadow, then probation.",
                "The channel wind is left behind.",
            ])
    }

    private func core(mode: String, source: String = "receiver") -> String {
        """
        {"tick":500,"tick_rate":500,"mode":"\(mode)","source":"\(source)","owner":"flight-1","owner_epoch":7,"in_probation":false,\
        "altitude":5.04,"tilt":0.1,"climb":-0.2,"battery_voltage":11.9,"on_ground":false,"realtime":true,\
        "skipped":1,"late":2,"held":3,"failsafe":4,"stale_refused":5,"arming_refused":["the battery is low"],\
        "instances":[{"name":"flight-1","role":"owner","pid":9,"settled":true,"answered":500,"late":2,"refused":0,\
        "dropped":0,"in_step_ticks":400,"divergence":0}]}
        """
    }

    @Test("The status names who flies, how, and from which image") func status() throws {
        let status: StatusReport = try report(
            """
            {"core":\(core(mode: "fly")),"engine":"1.47","last_update":"v2: refused",\
            "instances":[{"name":"flight-1","role":"owner","image":"127.0.0.1:5000/flight:v1","manifest":"sha256:0"},\
            {"name":"flight-2","role":"candidate","image":"127.0.0.1:5000/flight:v2","manifest":"sha256:1"}]}
            """)
        #expect(
            statusLines(status) == [
                "core         tick 500 at 500 Hz, real time; flight-1 owns the motors (epoch 7)",
                "flight       fly by the receiver, in the air, altitude 5.0 m, climb -0.2 m/s, tilt 5.7 deg, battery 11.9 V",
                "ticks        1 skipped, 2 late, 3 held, 4 failsafe, 5 stale commands refused",
                "flight-1     owner, 127.0.0.1:5000/flight:v1, in step for 400 ticks, answered 500, late 2, refused 0, dropped 0",
                "flight-2     candidate, 127.0.0.1:5000/flight:v2, not attached to the core", "engine       API 1.47",
                "update       none under way", "last update  v2: refused",
            ])
    }

    @Test("Another terminal's update is told with its amount") func update() throws {
        let status: StatusReport = try report(
            """
            {"phase":"pulling","instances":[],"update":{"reference":"flight:v2","began":1,"steps":[\
            {"phase":"pulling","began":1,"text":"Layers.","done":1200000,"total":2400000,"unit":"bytes"}]}}
            """)
        #expect(statusLines(status).contains("update  pulling, to flight:v2. Layers: 1.2 of 2.4 MB."))
    }

    @Test(
        "Whose setpoint is flown is said in words",
        arguments: [
            ("none", "disarmed, "), ("receiver", "fly by the receiver, "), ("ground", "fly by the control socket, "),
            ("core", "land by the core, "),
        ]) func source(name: String, words: String) throws
    {
        let mode = String(words.prefix { $0.isLetter })
        let shown: CoreReport = try report(core(mode: mode, source: name))
        #expect(statusLines(shown).contains { $0.hasPrefix("flight    \(words)in the air") })
    }

    @Test("Reasons against arming matter on the ground") func arming() throws {
        let disarmed: CoreReport = try report(core(mode: "disarmed"))
        #expect(statusLines(disarmed).contains("arming    would be refused: the battery is low"))
        let flying: CoreReport = try report(core(mode: "fly"))
        #expect(!statusLines(flying).contains { $0.hasPrefix("arming") })
    }

    @Test("Watch has a line a look") func watch() throws {
        let flying: CoreReport = try report(core(mode: "fly"))
        #expect(
            watchLine(flying, phase: "syncing")
                == "tick 500, fly, flight-1 (epoch 7), update syncing, altitude 5.0 m, tilt 5.7 deg, late 2, held 3, failsafe 4"
        )
        #expect(watchLine(flying, phase: nil).contains(", no update, "))
    }
}
