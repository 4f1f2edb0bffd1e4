import CBoard
import CContract
import CPlatform
import Contract
import Glibc

/// Starts the core as its one child, and starts it again when it crashes or hangs (`flightcore --supervise`).
///
/// It holds what must outlive the core: the kept flight, and the output-enable line. One thread and no decisions of
/// flight, so that there is nothing in it to go wrong. Where systemd supervises the supervisor, it starts anew.
package struct Supervisor {
    /// ns between two looks at the heartbeat, and looks without one after which the core counts as hung: 10 ms. Looks
    /// and not time are counted, on the tick's own CPU: a machine that slept over both is no hang.
    private static let look: UInt64 = 2_000_000
    private static let looksMax = 5
    /// The same where neither has real-time priority and a busy machine holds up both: 0.2 s.
    private static let looksMaxWithoutPriority = 100
    /// ns that a core may take to its first tick: it syncs a disk when it takes up nothing.
    private static let startTime: UInt64 = 2_000_000_000
    /// ns between two starts of a core that does not come to tick.
    private static let pause: UInt64 = 100_000_000
    /// The same as long as there is a flight to take up.
    private static let pauseInFlight: UInt64 = 10_000_000
    /// ns between SIGTERM and SIGKILL: the recorder writes what it has.
    private static let stopTime: UInt64 = 5_000_000_000
    /// Above the tick (80), so that a tick that spins is noticed.
    private static let priority: Int32 = 82
    /// Of a starting core: below the tick, above the containers, that nothing holds it up. It lowers itself.
    private static let startPriority: Int32 = 75

    private let options: CoreOptions
    private let board: da_board
    private let memory: Int32
    private let heartbeat: UnsafeMutableRawPointer
    private let isRealTime: Bool
    private var outputs: Int32 = -1
    /// ns of the last heartbeat of any core; 0: none yet.
    private var lastBeat: UInt64 = 0
    /// A core has come up before: what keeps the next one from it may pass.
    private var hasTicked = false
    /// ns between two signs of life for systemd, and the time of the last; 0: it wants none.
    private let signInterval = da_service_interval()
    private var signedAt: UInt64 = 0

    private enum End {
        /// With its exit code; whether it had ticked.
        case code(Int32, ticked: Bool)
        case stopped
    }

    /// - Throws: `CoreFault` when there is nothing to supervise with.
    package init(_ options: CoreOptions) throws(CoreFault) {
        self.options = options
        board = try BoardImage.read(options.board)
        memory = da_memory_make("flight", KeptFlight.bytes)
        guard memory >= 0, let mapped = da_memory_map(memory, KeptFlight.bytes) else {
            throw CoreFault("There is no memory for the kept flight: \(reason(memory)).")
        }
        heartbeat = mapped
        // On a terminal a trapping Swift process lives on for 30 s in the backtracer, its sockets open.
        setenv("SWIFT_BACKTRACE", "enable=no", 1)
        _ = da_memory_lock()
        isRealTime = da_thread_place(Self.priority, da_cpu_count() - 1) == 0
        if !isRealTime {
            say("supervisor: real-time priority is not allowed; a busy machine delays a restart.", as: .warning)
        }
    }

    /// Runs until SIGTERM or SIGINT, or until the first core refuses to start.
    ///
    /// - Returns: the exit code.
    package mutating func run() -> Int32 {
        da_stop_on_signals()
        while da_stop_requested() == 0 {
            holdOutputs()
            giveSign()
            guard let child = start() else {
                if !hasTicked { return 1 }
                da_sleep_until(da_now() + Self.pause)
                continue
            }
            let end = watch(child)
            if da_stop_requested() != 0 { return 0 }
            switch end {
            case .stopped: return 0
            // What it refuses at its start it refuses again; it has said why.
            case .code(let code, let ticked) where code == 1 && !hasTicked && !ticked: return code
            case .code(let code, let ticked):
                say("supervisor: the core ended with \(code); it is started again.", as: .error)
                letGoIfLost()
                if !ticked { da_sleep_until(da_now() + (isInFlight ? Self.pauseInFlight : Self.pause)) }
            }
        }
        return 0
    }

    /// It is this process's own: of the core's life it makes sure itself.
    private mutating func giveSign() {
        let now = da_now()
        guard signInterval > 0, now &- signedAt >= signInterval else { return }
        signedAt = now
        _ = da_service_tell("WATCHDOG=1")
    }

    // MARK: The outputs

    private mutating func holdOutputs() {
        guard outputs < 0, board.line.2.offset >= 0 else { return }
        outputs = Hardware.holdOutputs(board, run: options.run)
        if outputs < 0 { say("supervisor: the output-enable line cannot be held: \(reason(outputs)).", as: .warning) }
    }

    private var isInFlight: Bool { lastBeat > 0 && da_now() &- lastBeat <= KeptFlight.ageMax }

    /// The flight is lost when no core has ticked for so long that none takes it up any more: the motors stop.
    private mutating func letGoIfLost() {
        guard outputs >= 0, lastBeat > 0, !isInFlight else { return }
        _ = da_close(outputs)
        outputs = -1
        lastBeat = 0
        say("supervisor: restarting has failed; the outputs are let go.", as: .error)
    }

    // MARK: The child

    private func start() -> Int32? {
        da_beat_set(heartbeat, 0)
        var arguments = ["flightcore"] + options.childArguments
        arguments += ["--kept", "\(DA_INHERITED_FIRST)"]
        if outputs >= 0 { arguments += ["--outputs", "\(DA_INHERITED_FIRST + 1)"] }
        var cArguments: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        cArguments.append(nil)
        defer { for argument in cArguments { free(argument) } }
        let child = da_child_start(cArguments, [memory, outputs, -1, -1], isRealTime ? Self.startPriority : 0)
        guard child > 0 else {
            say("supervisor: the core cannot be started: \(reason(child)).", as: .error)
            return nil
        }
        return child
    }

    private mutating func watch(_ child: Int32) -> End {
        let began = da_now()
        var beat: UInt64 = 0
        var looks = 0
        var status: Int32 = 0
        // Bound: the child's life; it is ended when it hangs, and when this process is to end.
        while true {
            let ended = da_child_await(child, da_now() + Self.look, &status)
            let now = da_beat_get(heartbeat)
            if now != 0 {
                lastBeat = now
                if !hasTicked { _ = da_service_tell("READY=1") }
                hasTicked = true
            }
            giveSign()
            if ended != 0 { return .code(da_child_code(status), ticked: now != 0) }
            if da_stop_requested() != 0 { return stop(child) }
            looks = now == beat && now != 0 ? looks + 1 : 0
            beat = now
            if looks >= (isRealTime ? Self.looksMax : Self.looksMaxWithoutPriority) {
                say("supervisor: the core gave no sign of life for \(looks * 2) ms and is ended.", as: .error)
                _ = da_child_signal(child, SIGKILL)
                looks = 0
            } else if now == 0 {
                letGoIfLost()
                if da_now() &- began > Self.startTime { _ = da_child_signal(child, SIGKILL) }
            }
        }
    }

    private func stop(_ child: Int32) -> End {
        _ = da_child_signal(child, SIGTERM)
        let limit = da_now() + Self.stopTime
        var status: Int32 = 0
        while da_now() < limit {
            if da_child_await(child, limit, &status) != 0 { return .stopped }
        }
        _ = da_child_signal(child, SIGKILL)
        _ = da_child_await(child, da_now() + Self.stopTime, &status)
        return .stopped
    }
}
