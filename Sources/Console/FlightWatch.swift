package import Agent
internal import CContract
internal import Contract
internal import FoundationEssentials
internal import LiveRecord

/// Looks at the flight ten times a second: the core's status over its control socket, and what it has recorded since.
///
/// On a queue of its own, for the core may take half a second to answer. The core answers from its control thread: no
/// look touches the tick.
package actor FlightWatch {
    /// Between two looks: as fast as curves move for the eye.
    package static let interval = Duration.milliseconds(100)
    /// Looks from one state to the next.
    private static let looksPerState = 5

    private nonisolated let executor = BlockingExecutor(label: "console.flight")
    nonisolated package var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let core: CoreClient
    private var record: NewestRecord
    private let feed: Feed
    private let pictures: Pictures
    private var looks = 0
    private var owner: String?
    private var epoch: UInt64?
    private var mode: String?
    private var worstGap: Float?

    package init(core: CoreClient, recordPath: String, feed: Feed, pictures: Pictures = Pictures()) {
        self.core = core
        record = NewestRecord(path: recordPath)
        self.feed = feed
        self.pictures = pictures
    }

    /// Looks until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            look(at: wallClock())
            try? await Task.sleep(for: Self.interval)
        }
        record.close()
    }

    /// One look, at this time, ms since 1970.
    package func look(at time: Int64) {
        var moment = Moment(time: time)
        let recordFault = readRecord(&moment)
        do {
            take(try core.status(), &moment)
        } catch {
            lose("\(error)", time)
        }
        let (pictureCount, pictureTime) = pictures.seen
        feed.change { state in
            state.time = time
            state.recordFault = recordFault
            state.picture = pictureCount > 0 ? .init(count: pictureCount, time: pictureTime) : nil
            state.health.worstGap = worstGap
        }
        feed.add(moment)
        looks += 1
        if looks % Self.looksPerState == 0 { feed.tellState() }
    }

    // MARK: The core

    private func take(_ status: da_status, _ moment: inout Moment) {
        let report = CoreReport(status)
        moment[.height] = status.altitude
        moment[.climb] = status.climb
        moment[.roll] = degrees(status.roll)
        moment[.pitch] = degrees(status.pitch)
        moment[.voltage] = status.battery_voltage
        moment[.busLoad] = status.bus_load * 100
        moment[.divergence] =
            report.instances.filter { $0.role == "shadow" || $0.role == "standby" }
            .map { $0.divergence * 100 }.max() ?? .nan
        let since = Self.since(status, moment.time)
        noteChanges(report, since: since, moment.time)
        feed.change { [time = moment.time] state in
            state.time = time
            state.core = report
            state.coreFault = nil
            state.ownerSince = report.owner == nil ? nil : since
            state.health.writesFailed = status.writes_failed
            state.health.readsFailed = status.reads_failed
            state.health.busLoad = status.bus_load
            state.health.isBusSlow = status.bus_slow != 0
        }
    }

    /// When the present owner's first tick was, ms since 1970.
    private static func since(_ status: da_status, _ time: Int64) -> Int64 {
        guard status.tick_rate > 0, status.tick >= status.switch_tick else { return time }
        let ticks = min(status.tick - status.switch_tick, UInt64(Int32.max))
        return time - Int64(ticks) * 1000 / Int64(status.tick_rate)
    }

    private func noteChanges(_ core: CoreReport, since: Int64, _ time: Int64) {
        if epoch == nil {
            feed.add(
                .note, "The flight core answers: \(core.mode), \(core.owner ?? "nobody") owns the motors.", at: time)
        } else if core.owner != owner || core.ownerEpoch != epoch {
            let who =
                core.owner.map { "\($0) owns the motors (epoch \(core.ownerEpoch))." } ?? "Nobody owns the motors."
            feed.add(.owner, who, at: core.owner == nil ? time : since)
        }
        if let mode, mode != core.mode { feed.add(.note, "Flight mode: \(core.mode).", at: time) }
        (owner, epoch, mode) = (core.owner, core.ownerEpoch, core.mode)
    }

    private func lose(_ sentence: String, _ time: Int64) {
        if feed.state.coreFault != sentence { feed.add(.fault, sentence, at: time) }
        (owner, epoch, mode) = (nil, nil, nil)
        feed.change { state in
            state.core = nil
            state.coreFault = sentence
            state.ownerSince = nil
        }
    }

    // MARK: The record

    /// Returns why it is not read; nil: it is.
    private func readRecord(_ moment: inout Moment) -> String? {
        do throws(Fault) {
            guard try record.look() != nil else { return nil }
            take(record.values, &moment)
            return nil
        } catch { return error.sentence }
    }

    private func take(_ recorded: RecordTail.Values, _ moment: inout Moment) {
        moment[.yaw] = degrees(recorded.yaw ?? .nan)
        moment[.current] = recorded.current ?? .nan
        if let rates = recorded.rates {
            moment[.rollRate] = degrees(rates.x)
            moment[.pitchRate] = degrees(rates.y)
            moment[.yawRate] = degrees(rates.z)
        }
        for (curve, motor) in zip([Curve.motor1, .motor2, .motor3, .motor4], recorded.motors ?? []) {
            moment[curve] = motor * 100
        }
        if let gap = recorded.gap {
            moment[.gap] = gap
            worstGap = max(worstGap ?? 0, gap)
        }
    }
}

/// ms since 1970.
func wallClock() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

private func degrees(_ radians: Float) -> Float { radians * 180 / .pi }
