internal import CPlatform
internal import Synchronization

/// The slow thread: takes the logs out of memory and puts them on disk, and lets time pass in a world that
/// nobody asks.
final class Recorder: Sendable {
    /// ns between two rounds.
    private static let period: UInt64 = 100_000_000

    private struct State: ~Copyable {
        var motorFile: RecordWriter<MotorRecord>
        var truthFile: RecordWriter<TruthRecord>
        var stallFile: RecordWriter<StallRecord>
        var motors: [MotorRecord] = []
        var truths: [TruthRecord] = []
        var stalls: [StallRecord] = []
        var counts = (motors: 0, truths: 0, stalls: 0)
        var fault: RecordFileFault?
    }

    private let world: SharedWorld
    private let heartbeat: Heartbeat
    private let state: Mutex<State>
    private let stopping = Atomic(false)

    /// Makes the three files in `folder`, each for `limit` records; `capacity` is the memory's.
    ///
    /// - Throws: `BridgeFault.log` if one cannot be made.
    init(_ world: SharedWorld, _ heartbeat: Heartbeat, folder: String, limit: Int, capacity: Int) throws(BridgeFault) {
        self.world = world
        self.heartbeat = heartbeat
        do throws(RecordFileFault) {
            var state = State(
                motorFile: try RecordWriter("\(folder)/\(BridgeServer.motorLogName)", limit: limit),
                truthFile: try RecordWriter("\(folder)/\(BridgeServer.truthLogName)", limit: limit),
                stallFile: try RecordWriter("\(folder)/\(BridgeServer.stallLogName)", limit: limit))
            // As large as the world's own, so that the swap under its lock allocates nothing.
            state.motors.reserveCapacity(capacity)
            self.state = Mutex(state)
        } catch {
            throw .log(error)
        }
    }

    func run() {
        var due = da_now()
        while !stopping.load(ordering: .relaxed) {
            due = max(due + Self.period, da_now())
            da_sleep_until(due)
            flush()
        }
    }

    func stop() { stopping.store(true, ordering: .relaxed) }

    private func flush() {
        state.withLock { state in
            world.withWorld { world in
                world.motorLog.drain(into: &state.motors)
                world.vehicle.truthLog.drain(into: &state.truths)
            }
            heartbeat.drain(into: &state.stalls)
            state.counts.motors += state.motors.count
            state.counts.truths += state.truths.count
            state.counts.stalls += state.stalls.count
            do throws(RecordFileFault) {
                try state.motorFile.write(state.motors)
                try state.truthFile.write(state.truths)
                try state.stallFile.write(state.stalls)
            } catch {
                state.fault = state.fault ?? error
            }
        }
    }

    /// After the last round: what was written.
    func report(isRealTime: Bool) -> BridgeServer.Report {
        flush()
        let (inMemory, crash) = world.withWorld { world in
            (world.motorLog.lost + world.truthLog.lost, world.truth.crash)
        }
        return state.withLock { state in
            let inFiles = state.motorFile.lost + state.truthFile.lost + state.stallFile.lost
            return BridgeServer.Report(
                isRealTime: isRealTime, requests: 0, refusedConnections: 0, motorRecords: state.counts.motors,
                truthRecords: state.counts.truths, stalls: state.counts.stalls,
                lost: inMemory + inFiles + heartbeat.lost, logFault: state.fault, crash: crash)
        }
    }
}
