internal import CContract
internal import CPlatform
internal import Contract
internal import Glibc
internal import Synchronization

/// The thread that flies: one sample in, one command out, over the tick socket.
///
/// It allocates while it connects and never after. The core may restart: the thread connects again, and its
/// controller stays warm unless the airframe has become another one.
final class ControlThread: @unchecked Sendable {
    /// The agent finds the thread by this name and gives it its priority.
    private static let name = "flight-control"
    /// Between two attempts to connect, ns.
    private static let retryInterval: UInt64 = 20_000_000
    /// The same for a while after a connection has ended: a core that restarts in the air is met within this time.
    private static let quickInterval: UInt64 = 2_000_000
    private static let quickTime: UInt64 = 1_000_000_000
    /// Longest time without looking whether to end, ns.
    private static let patience: UInt64 = 100_000_000
    /// How long the core may take to answer hello, ns.
    private static let welcomeTime: UInt64 = 1_000_000_000

    private let program: Program
    private let exchange: Exchange
    private let path: String
    private let report: Report
    private var thread = pthread_t()
    // From here on: control thread alone.
    private var instance: RunningInstance?
    private var airframe = da_welcome()
    private var lastComplaint = ""

    init(_ program: Program, _ exchange: Exchange, directory: String, _ report: Report) {
        self.program = program
        self.exchange = exchange
        path = "\(directory)/\(DA_TICK_SOCKET)"
        self.report = report
    }

    /// False: the machine gives no thread.
    func start() -> Bool {
        let context = Unmanaged.passRetained(self).toOpaque()
        let started = Self.name.withCString { name in
            // Normal priority and the default stack of 256 KB; the agent raises the priority.
            let options = da_thread_options(name: name, priority: 0, cpu: -1, stack_bytes: 0)
            return da_thread_start(
                &thread, options, nil,
                { context in
                    guard let context else { return }
                    Unmanaged<ControlThread>.fromOpaque(context).takeRetainedValue().run()
                }, context)
        }
        return started == 0
    }

    func join() { _ = da_thread_join(thread) }

    private func run() {
        var quickUntil: UInt64 = 0
        while da_stop_requested() == 0 {
            if let socket = connect() {
                serve(socket)
                _ = da_close(socket)
                quickUntil = da_now() &+ Self.quickTime
            }
            let now = da_now()
            da_sleep_until(now &+ (now < quickUntil ? Self.quickInterval : Self.retryInterval))
        }
        exchange.hasEnded.store(true, ordering: .releasing)
    }

    /// Says hello and takes the welcome. Nil: not now.
    private func connect() -> Int32? {
        let socket = da_packet_connect(path)
        guard socket >= 0 else {
            complain("there is no core at \(path) (\(String(cString: da_error_text(socket)))); trying on.")
            return nil
        }
        var hello = da_hello.make()
        fill(&hello.name, with: program.name)
        fill(&hello.version, with: program.version)
        var welcome = da_welcome()
        let size = Int32(MemoryLayout<da_welcome>.size)
        guard da_packet_send(socket, &hello, UInt32(MemoryLayout<da_hello>.size)) > 0,
            case let got = da_packet_await(socket, &welcome, UInt32(size), da_now() &+ Self.welcomeTime), got > 0
        else {
            _ = da_close(socket)
            complain("the core at \(path) did not answer hello; trying on.")
            return nil
        }
        if let fault = got < size
            ? FrameFault.short(bytes: Int(got), needed: Int(size))
            : welcome.header.fault(kind: .welcome, arrived: Int(got))
        {
            _ = da_close(socket)
            complain("the core at \(path) sent no proper welcome. \(fault)")
            return nil
        }
        if instance == nil || !isSameAirframe(welcome) {
            airframe = welcome
            instance = program.start(welcome, exchange.memory)
        }
        lastComplaint = ""
        report.say("connected to the core at \(path), \(welcome.tick_rate) samples a second.")
        return socket
    }

    private func isSameAirframe(_ welcome: da_welcome) -> Bool {
        guard welcome.tick_rate == airframe.tick_rate else { return false }
        return withUnsafeBytes(of: welcome.vehicle) { new in
            withUnsafeBytes(of: airframe.vehicle) { old in new.elementsEqual(old) }
        }
    }

    /// Once for each new complaint, for it tries many times a second.
    private func complain(_ sentence: String) {
        if sentence != lastComplaint { report.say(sentence) }
        lastComplaint = sentence
    }
}

extension ControlThread {
    /// Answers samples until the socket closes or the program is to end. No allocation in here.
    private func serve(_ socket: Int32) {
        guard let instance else { return }
        var sample = da_sample()
        let size = UInt32(MemoryLayout<da_sample>.size)
        while da_stop_requested() == 0 {
            let got = da_packet_await(socket, &sample, size, da_now() &+ Self.patience)
            if got == -ETIMEDOUT || got == -EINTR { continue }
            guard got > 0 else { return }
            // What is not a sample of this contract is passed over: the core knows of the missing answer.
            guard UInt32(got) == size, sample.header.fault(kind: .sample, arrived: Int(got)) == nil else { continue }
            var command = instance.answer(sample)
            let sent = da_packet_send(socket, &command, UInt32(MemoryLayout<da_command>.size))
            if sent < 0 && sent != -EAGAIN { return }
            // The command is on its way; what follows has the rest of the tick.
            note(command)
            takeCut(instance)
            giveCut(instance, command.tick)
        }
    }

    private func note(_ command: da_command) {
        let record = da_command_record(
            tick: command.tick, sample_ns: command.sample_ns, epoch: command.epoch, motor: command.motor)
        if !exchange.log.push(record) { exchange.unlogged.wrappingAdd(1, ordering: .relaxed) }
        exchange.isSettled.store(
            command.flags & UInt32(DA_COMMAND_SETTLED.rawValue) != 0, ordering: .relaxed)
        exchange.stateTick.store(command.state_tick, ordering: .releasing)
    }

    private func takeCut(_ instance: RunningInstance) {
        exchange.incoming.empty { image in
            switch instance.apply(image) {
            case .early: return false
            case .applied: break
            case .old: exchange.late.wrappingAdd(1, ordering: .relaxed)
            case .unreadable: exchange.unreadable.wrappingAdd(1, ordering: .relaxed)
            case .refusedAsOwner: break
            }
            return true
        }
    }

    private func giveCut(_ instance: RunningInstance, _ tick: UInt64) {
        let interval = UInt64(exchange.interval.load(ordering: .relaxed))
        guard interval > 0, tick % interval == 0 else { return }
        _ = exchange.outgoing.fill { image in instance.export(image) }
    }
}
