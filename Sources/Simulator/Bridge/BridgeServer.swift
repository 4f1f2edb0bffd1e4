internal import CPlatform
internal import Synchronization

/// The simulated world in real time, in a process of its own: chips and lines behind a socket, logs on disk.
///
/// Threads: one to accept, one for each connection (SCHED_FIFO 90), a heartbeat for each CPU (99), and a slow
/// one that writes the logs.
package final class BridgeServer: Sendable {
    package struct Options: Sendable {
        /// Of the SEQPACKET socket.
        package var socket: String
        /// Gets `motors.log`, `truth.log` and `stalls.log`.
        package var folder: String
        /// Records a file takes at most (motors: 500 a second, 72 bytes: an hour is 130 MB).
        package var recordLimit = 2_000_000

        package init(socket: String, folder: String) {
            self.socket = socket
            self.folder = folder
        }
    }

    /// What a run came to.
    package struct Report: Sendable, Equatable {
        /// All threads got the priority they asked for.
        package var isRealTime: Bool
        package var requests: UInt64
        package var refusedConnections: UInt64
        package var motorRecords: Int
        package var truthRecords: Int
        package var stalls: Int
        /// Records that found no room in memory or in a file; the truth is complete only if 0.
        package var lost: Int
        /// The first thing that went wrong with a log.
        package var logFault: RecordFileFault?
        package var crash: Crash?
    }

    package static let motorLogName = "motors.log"
    package static let truthLogName = "truth.log"
    package static let stallLogName = "stalls.log"

    /// For lines and faults while it runs.
    package let world: SharedWorld
    private let connections: Connections
    private let heartbeat = Heartbeat()
    private let recorder: Recorder
    private let running: InheritingLock<Running?>

    private struct Running {
        var accepting: ServerThread
        var heartbeats: [ServerThread]
        var recording: ServerThread
    }

    /// Makes the world, the socket and the files; nobody is served yet, but may connect.
    ///
    /// - Throws: `BridgeFault` if socket or files cannot be made.
    package init(parameters: WorldParameters, seed: UInt64, options: Options) throws(BridgeFault) {
        world = SharedWorld(parameters: parameters, seed: seed)
        recorder = try Recorder(
            world, heartbeat, folder: options.folder, limit: options.recordLimit,
            capacity: parameters.motorLogCapacity)
        connections = try Connections(world, path: options.socket)
        running = InheritingLock(nil)
    }

    /// Starts all threads.
    ///
    /// - Throws: `BridgeFault.system` if one cannot be had; the server is then of no more use.
    package func start() throws(BridgeFault) {
        let recording = try ServerThread("sim-recorder", priority: 0) { [recorder] in recorder.run() }
        let heartbeats = try heartbeat.start()
        let accepting = try ServerThread("sim-accept", priority: Connections.acceptPriority) { [connections] in
            connections.run()
        }
        running.withLock {
            $0 = Running(accepting: accepting, heartbeats: heartbeats, recording: recording)
        }
    }

    /// Stops all threads, writes what is left and says what the run came to. A second call stops nothing more.
    package func stop() -> Report {
        let threads = running.withLock { running in
            defer { running = nil }
            return running
        }
        connections.stop()
        threads?.accepting.join()
        heartbeat.stop()
        for thread in threads?.heartbeats ?? [] { thread.join() }
        recorder.stop()
        threads?.recording.join()
        let isRealTime =
            connections.realTime.load(ordering: .relaxed) && (threads?.heartbeats ?? []).allSatisfy { $0.isRealTime }
        var report = recorder.report(isRealTime: isRealTime)
        report.requests = connections.served.load(ordering: .relaxed)
        report.refusedConnections = connections.refused.load(ordering: .relaxed)
        return report
    }
}
