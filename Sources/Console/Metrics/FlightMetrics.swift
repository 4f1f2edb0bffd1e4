internal import Agent
internal import Contract
internal import CoreMetrics
internal import Synchronization

/// The flight in numbers for Prometheus, made when it asks, from what the page shows: the core is not asked again.
///
/// SI units. What is not known is NaN. Counters are the core's own, since it was started; of one that was started again
/// they go on.
final class FlightMetrics: Sendable {
    private static let counters: [(name: String, help: String, value: @Sendable (ConsoleState) -> UInt64?)] = [
        ("droneagent_ticks_total", "Control ticks begun.", { $0.core?.tick }),
        ("droneagent_ticks_skipped_total", "Ticks that the machine slept through.", { $0.core?.skipped }),
        ("droneagent_ticks_late_total", "Ticks in which the owner's command came late.", { $0.core?.late }),
        ("droneagent_ticks_held_total", "Ticks in which the last command was held.", { $0.core?.held }),
        ("droneagent_ticks_failsafe_total", "Ticks that the failsafe flew.", { $0.core?.failsafe }),
        ("droneagent_stale_commands_refused_total", "Commands of a past epoch, refused.", { $0.core?.staleRefused }),
        (
            "droneagent_motor_writes_failed_total", "Motor writes that failed.",
            { $0.core == nil ? nil : $0.health.writesFailed }
        ),
        (
            "droneagent_sensor_reads_failed_total", "Sensor reads that failed.",
            { $0.core == nil ? nil : $0.health.readsFailed }
        ),
    ]

    private static let gauges: [(name: String, help: String, value: @Sendable (ConsoleState) -> Double?)] = [
        ("droneagent_owner_epoch", "Epoch of the motors' owner.", { $0.core.map { Double($0.ownerEpoch) } }),
        ("droneagent_owned", "Whether a container owns the motors.", { $0.core.map { truth($0.owner != nil) } }),
        ("droneagent_probation", "Whether a new owner is on probation.", { $0.core.map { truth($0.inProbation) } }),
        ("droneagent_airborne", "Whether the vehicle is in the air.", { $0.core.map { truth(!$0.onGround) } }),
        ("droneagent_realtime", "Whether the core has real-time priority.", { $0.core.map { truth($0.realtime) } }),
        ("droneagent_tick_rate_hertz", "Control ticks a second.", { $0.core.map { Double($0.tickRate) } }),
        ("droneagent_altitude_meters", "Height above the place of arming.", { $0.core.map { Double($0.altitude) } }),
        ("droneagent_climb_meters_per_second", "Climb, up positive.", { $0.core.map { Double($0.climb) } }),
        ("droneagent_tilt_radians", "Angle between body and world vertical.", { $0.core.map { Double($0.tilt) } }),
        ("droneagent_battery_volts", "Battery voltage.", { $0.core.map { Double($0.batteryVoltage) } }),
        (
            "droneagent_bus_load_ratio", "Bus time of a tick, of the tick.",
            { $0.core == nil ? nil : Double($0.health.busLoad) }
        ),
        (
            "droneagent_worst_write_gap_seconds",
            "Longest time between two motor writes since the console was started.",
            { $0.health.worstGap.map { Double($0) / 1000 } }
        ),
        (
            "droneagent_shadow_divergence_ratio", "RMS distance of the shadow's motor commands to the owner's.",
            { $0.core?.instances.first { $0.role == "shadow" || $0.role == "standby" }.map { Double($0.divergence) } }
        ),
        ("droneagent_update_running", "Whether an update is under way.", { $0.agent.map { truth($0.phase != nil) } }),
    ]
    private static let up = (name: "droneagent_up", help: "Whether that part answers.")
    private static let mode = (name: "droneagent_mode", help: "Flight mode: 1 for the one that is on.")

    private let exposition: Exposition
    private let counts: [Counter]
    private let meters: [Meter]
    private let ups: [(part: String, meter: Meter)]
    private let modes: [(mode: String, meter: Meter)]
    /// Of each counter, when it was read last.
    private let last = Mutex([UInt64](repeating: 0, count: FlightMetrics.counters.count))

    init() {
        let named = Self.counters.map { ($0.name, $0.help) } + Self.gauges.map { ($0.name, $0.help) }
        let help = Dictionary(
            named + [(Self.up.name, Self.up.help), (Self.mode.name, Self.mode.help)],
            uniquingKeysWith: { first, _ in first })
        let exposition = Exposition(help: help)
        self.exposition = exposition
        counts = Self.counters.map { Counter(label: $0.name, factory: exposition) }
        meters = Self.gauges.map { Meter(label: $0.name, factory: exposition) }
        ups = ["core", "agent"].map { part in
            (part, Meter(label: Self.up.name, dimensions: [("part", part)], factory: exposition))
        }
        modes = FlightMode.allCases.map { mode in
            ("\(mode)", Meter(label: Self.mode.name, dimensions: [("mode", "\(mode)")], factory: exposition))
        }
    }

    /// All numbers of this state, in Prometheus' text format.
    func text(of state: ConsoleState) -> String {
        last.withLock { last in
            for (index, counter) in Self.counters.enumerated() {
                guard let value = counter.value(state) else { continue }
                // A core that was started again counts from zero.
                counts[index].increment(by: Int64(clamping: value >= last[index] ? value - last[index] : value))
                last[index] = value
            }
        }
        for (gauge, meter) in zip(Self.gauges, meters) { meter.set(gauge.value(state) ?? .nan) }
        for (part, meter) in ups { meter.set(truth(part == "core" ? state.core != nil : state.agent != nil)) }
        for (mode, meter) in modes { meter.set(state.core.map { truth($0.mode == mode) } ?? .nan) }
        return exposition.text
    }
}

private func truth(_ value: Bool) -> Double { value ? 1 : 0 }
