package import CContract
import CPlatform
import Contract
import Glibc

/// The core's slow thread: control socket, new connections of instances, epochs on disk.
///
/// It may block; the tick never waits for it. Everything it wants of the tick goes through a ring and is answered
/// through another.
package final class ControlServer: @unchecked Sendable {
    /// Connections of agents, pilots and tests at once.
    private static let connectionLimit = 16
    /// Time that a newcomer on a tick socket has to say hello, ns.
    private static let helloTime: UInt64 = 1_000_000_000
    /// Longest wait for the tick's answer, ns: fifty ticks at 250 Hz.
    private static let answerTime: UInt64 = 200_000_000
    /// Pause while waiting for that answer, ns.
    private static let answerPause: UInt64 = 500_000
    /// Longest pause between two rounds, ns: epochs are topped up and closed sockets noticed by then.
    private static let round: UInt64 = 20_000_000
    /// Requests taken from one connection in one round.
    private static let requestsPerRound = 4
    /// How long a restarted core's server keeps the priority of its start, ns: until the instances are back.
    private static let urgentTime: UInt64 = 500_000_000
    /// How long a core whose supervisor is gone stays on the ground, ns: a pilot who has landed may arm again at once.
    private static let aloneTime: UInt64 = 3_000_000_000

    private let board: da_board
    private let loop: TickLoop
    private let epochs: EpochFile
    private let listener: Int32
    private let isRealTime: Bool
    private let kept: KeptFlight?
    private let names: InstanceNames?
    private var attachments = [Attachment?](repeating: nil, count: Arbiter.slotCount)
    private var connections: [Int32] = []
    private var serial: UInt64 = 0
    private var epochFailed = false
    private var slowBusSaid = false
    private var watchdog: HardwareWatchdog?
    /// Who started this process: under a supervisor that one.
    private let parent = getppid()
    /// ns; since when it is on the ground without its supervisor. nil: it is not.
    private var aloneSince: UInt64?

    /// - Throws: `CoreFault` when the control socket cannot be made.
    package init(
        board: da_board, loop: TickLoop, epochs: EpochFile, socket path: String, isRealTime: Bool,
        kept: KeptFlight? = nil, watchdog: String? = nil, names: InstanceNames? = nil
    ) throws(CoreFault) {
        self.board = board
        self.loop = loop
        self.epochs = epochs
        self.isRealTime = isRealTime
        self.kept = kept
        self.names = names
        self.watchdog = watchdog.map { HardwareWatchdog(path: $0) }
        listener = da_packet_listen(path, 8)
        guard listener >= 0 else {
            throw CoreFault(
                "The control socket \(path) cannot be made: \(reason(listener)); does its folder exist, and may the core write there?"
            )
        }
    }

    /// Attaches an instance before the loop runs.
    ///
    /// - Throws: `CoreFault` as for a request.
    package func attach(name: String, directory: String) throws(CoreFault) {
        guard !attachments.contains(where: { $0?.name == name }) else {
            throw CoreFault(Refusal.nameTaken.sentence(name: name))
        }
        guard let slot = attachments.firstIndex(where: { $0 == nil }) else {
            throw CoreFault(Refusal.noRoom.sentence(name: name))
        }
        try attach(name: name, directory: directory, to: slot)
        keepAttachments()
    }

    private func attach(name: String, directory: String, to slot: Int) throws(CoreFault) {
        let attachment = try Attachment(name: name, directory: directory)
        attachments[slot] = attachment
        names?[slot] = name
        var request = LoopRequest()
        request.kind = .listen
        request.slot = slot
        _ = loop.requests.push(request)
    }

    /// Serves the instances of the core before this one again, each in its slot.
    package func attachAgain() {
        let former = kept?.attached ?? KeptInstances()
        for slot in 0..<Arbiter.slotCount {
            guard let instance = former[slot] else { continue }
            do { try attach(name: instance.name, directory: instance.directory, to: slot) } catch {
                say("instance '\(instance.name)' is not served again: \(error)", as: .error)
            }
        }
        keepAttachments()
    }

    /// Keeps for a later core which instances are attached.
    package func keepAttachments() {
        var instances = KeptInstances()
        for slot in 0..<Arbiter.slotCount {
            instances[slot] = attachments[slot].map { ($0.name, $0.directory) }
        }
        kept?.keep(instances, now: da_now())
    }

    /// Runs until a stop is requested. `owner` is granted the actuators as soon as it is connected. When it `isUrgent`,
    /// it keeps the priority that it was started with for a while.
    package func run(owner: String?, isUrgent: Bool = false) {
        var wantedOwner = owner
        let urgentUntil = isUrgent ? da_now() + Self.urgentTime : 0
        var isCalm = false
        while da_stop_requested() == 0 {
            if !isCalm, da_now() >= urgentUntil {
                isCalm = true
                _ = da_thread_place(0, -1)
            }
            serveRound()
            while let gone = loop.released.pop() {
                _ = da_close(gone.descriptor)
                attachments[gone.slot]?.isServed = false
            }
            topUpEpochs()
            reportSlowBus()
            feedWatchdog()
            makeRoom()
            if let name = wantedOwner, let slot = slot(of: name), attachments[slot]?.isServed == true {
                var request = LoopRequest()
                request.operation = Operation.grant.rawValue
                request.slot = slot
                if ask(request) == .none { wantedOwner = nil }
            }
        }
    }

    private func feedWatchdog() {
        guard watchdog != nil else { return }
        let status = loop.status.read()
        watchdog?.look(isFlying: status.mode != FlightMode.disarmed.rawValue, tick: status.tick, now: da_now())
    }

    /// The flight goes on without its supervisor; on the ground the core ends, because the next supervisor's waits for
    /// its lock.
    private func makeRoom() {
        guard kept != nil, getppid() != parent, loop.status.read().mode == FlightMode.disarmed.rawValue else {
            aloneSince = nil
            return
        }
        let since = aloneSince ?? da_now()
        aloneSince = since
        guard da_now() &- since >= Self.aloneTime else { return }
        say("the supervisor is gone; on the ground this core makes room for the next one's.", as: .warning)
        da_stop_request()
    }

    // MARK: Sockets

    private func serveRound() {
        var watched = [listener]
        watched += attachments.map { $0?.listener ?? -1 }
        watched += attachments.map { $0?.newcomer ?? -1 }
        watched += connections
        let ready = da_wait_readable(watched, UInt32(watched.count), da_now() + Self.round)
        func isReady(_ index: Int) -> Bool { ready > 0 && ready & (1 << Int64(index)) != 0 }
        if isReady(0) { acceptConnection() }
        for slot in 0..<Arbiter.slotCount {
            if isReady(1 + slot) { acceptNewcomer(slot) }
            if isReady(1 + Arbiter.slotCount + slot) { greet(slot) }
            if let attachment = attachments[slot], attachment.newcomer >= 0, da_now() > attachment.newcomerUntil {
                dropNewcomer(slot)
            }
        }
        let first = 1 + 2 * Arbiter.slotCount
        var open: [Int32] = []
        for (index, connection) in connections.enumerated() {
            let isServed = first + index < watched.count && isReady(first + index) ? serve(connection) : true
            if isServed { open.append(connection) } else { _ = da_close(connection) }
        }
        connections = open
    }

    private func acceptConnection() {
        let connection = da_packet_accept(listener)
        guard connection >= 0 else { return }
        if connections.count < Self.connectionLimit { connections.append(connection) } else { _ = da_close(connection) }
    }

    private func acceptNewcomer(_ slot: Int) {
        guard let attachment = attachments[slot] else { return }
        let connection = da_packet_accept(attachment.listener)
        guard connection >= 0 else { return }
        // One connection an instance: a second one is turned away while the first is served.
        guard !attachment.isServed, attachment.newcomer < 0 else {
            _ = da_close(connection)
            return
        }
        attachments[slot]?.newcomer = connection
        attachments[slot]?.newcomerUntil = da_now() + Self.helloTime
    }

    private func dropNewcomer(_ slot: Int) {
        guard let attachment = attachments[slot], attachment.newcomer >= 0 else { return }
        _ = da_close(attachment.newcomer)
        attachments[slot]?.newcomer = -1
    }

    /// Takes hello, answers welcome, and gives the connection to the tick.
    private func greet(_ slot: Int) {
        guard let attachment = attachments[slot], attachment.newcomer >= 0 else { return }
        let connection = attachment.newcomer
        var hello = da_hello()
        let got = da_packet_receive(connection, &hello, UInt32(MemoryLayout<da_hello>.size))
        guard got != -EAGAIN else { return }
        guard got == MemoryLayout<da_hello>.size, hello.header.fault(kind: .hello, arrived: Int(got)) == nil else {
            say("instance '\(attachment.name)' said no proper hello and was turned away.", as: .warning)
            dropNewcomer(slot)
            return
        }
        var welcome = da_welcome.make()
        welcome.tick_rate = board.tick_rate
        welcome.instance = UInt32(slot)
        welcome.board_hash = board.hash
        welcome.vehicle = board.vehicle
        var pid: Int32 = 0
        var uid: UInt32 = 0
        guard da_packet_send(connection, &welcome, UInt32(MemoryLayout<da_welcome>.size)) > 0,
            da_peer(connection, &pid, &uid) == 0
        else {
            dropNewcomer(slot)
            return
        }
        var request = LoopRequest()
        request.kind = .connect
        request.slot = slot
        request.descriptor = connection
        request.pid = pid
        attachments[slot]?.newcomer = -1
        // Not asked and waited for: a descriptor that the tick may still take must not be closed here.
        guard loop.requests.push(request) else {
            _ = da_close(connection)
            return
        }
        attachments[slot]?.isServed = true
        say("instance '\(attachment.name)' is \(text(hello.name)) \(text(hello.version)), pid \(pid).")
    }

    // MARK: Requests

    /// Returns whether the connection stays open.
    private func serve(_ connection: Int32) -> Bool {
        for _ in 0..<Self.requestsPerRound {
            var bytes = [UInt8](repeating: 0, count: Int(DA_FRAME_BYTES))
            let got = da_packet_receive(connection, &bytes, UInt32(bytes.count))
            if got == -EAGAIN { return true }
            guard got > 0 else { return false }
            let frame = bytes.prefix(min(Int(got), bytes.count)).withUnsafeBytes { da_request.read($0) }
            var reply = da_reply.make()
            switch frame {
            case .failure(let fault):
                reply.refused = 1
                fill(&reply.text, with: fault.description)
            case .success(let request):
                let sentence = carryOut(request)
                reply.refused = sentence == nil ? 0 : 1
                fill(&reply.text, with: sentence ?? "Done.")
            }
            reply.status = namedStatus()
            guard da_packet_send(connection, &reply, UInt32(MemoryLayout<da_reply>.size)) > 0 else { return false }
        }
        return true
    }

    /// Returns why it was refused, or nil.
    private func carryOut(_ request: da_request) -> String? {
        // What cannot be printed names nobody, and would break the sentence that says so.
        let name = printable(text(request.name))
        guard let operation = Operation(rawValue: request.operation) else {
            return Refusal.unknown.sentence(name: name)
        }
        var wanted = LoopRequest(request)
        switch operation {
        case .status: return nil
        case .attach:
            do {
                try attach(name: name, directory: printable(text(request.path)))
                return nil
            } catch { return error.description }
        case .detach:
            guard let slot = slot(of: name) else { return Refusal.noSuchInstance.sentence(name: name) }
            wanted.kind = .detach
            wanted.slot = slot
            let refusal = ask(wanted)
            guard refusal == .none else { return refusal.sentence(name: name) }
            attachments[slot]?.close()
            attachments[slot] = nil
            names?[slot] = ""
            keepAttachments()
            return nil
        case .grant, .switch:
            guard let slot = slot(of: name) else { return Refusal.noSuchInstance.sentence(name: name) }
            wanted.slot = slot
        default: break
        }
        let refusal = ask(wanted)
        if refusal == .none { return nil }
        let reasons = refusal == .mayNotArm ? ArmingReasons(rawValue: loop.status.read().arming_refused).reasons : []
        return reasons.isEmpty
            ? refusal.sentence(name: name) : "Arming is refused: \(reasons.joined(separator: "; "))."
    }

    private func slot(of name: String) -> Int? { attachments.firstIndex { $0?.name == name } }

    /// Asks the tick and waits for its answer, with a limit.
    private func ask(_ request: LoopRequest) -> Refusal {
        var numbered = request
        serial += 1
        numbered.serial = serial
        guard loop.requests.push(numbered) else { return .busy }
        let limit = da_now() + Self.answerTime
        while da_now() < limit {
            while let answer = loop.answers.pop() { if answer.serial == serial { return answer.refusal } }
            da_sleep_until(da_now() + Self.answerPause)
        }
        return .busy
    }

    private func namedStatus() -> da_status {
        var status = loop.status.read()
        status.realtime = isRealTime ? 1 : 0
        if let attachment = attachments[0] { fill(&status.instance.0.name, with: attachment.name) }
        if let attachment = attachments[1] { fill(&status.instance.1.name, with: attachment.name) }
        if let attachment = attachments[2] { fill(&status.instance.2.name, with: attachment.name) }
        if let attachment = attachments[3] { fill(&status.instance.3.name, with: attachment.name) }
        return status
    }

    // MARK: Bus

    private func reportSlowBus() {
        guard !slowBusSaid, loop.status.read().bus_slow == 1 else { return }
        slowBusSaid = true
        say(
            "a motor write takes longer than its bytes at the board file's bus speed; measure the bus clock, correct bus.speed_hz, or set the speed where the kernel reads it.",
            as: .warning)
    }

    // MARK: Epochs

    /// Keeps enough epochs on disk that no switch, way back or failsafe ever waits for it.
    private func topUpEpochs() {
        let reserved = loop.status.read().reserved_epoch
        let used = loop.status.read().owner_epoch
        guard reserved > 0, reserved &- used < EpochFile.low else { return }
        let next = reserved + EpochFile.step
        do {
            try epochs.write(next)
            epochFailed = false
        } catch {
            if !epochFailed { say(error.description, as: .error) }
            epochFailed = true
            return
        }
        var request = LoopRequest()
        request.kind = .reserved
        request.epoch = next
        _ = ask(request)
    }
}
