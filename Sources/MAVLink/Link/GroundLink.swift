package import Agent
internal import CPlatform
internal import Contract
internal import Glibc

/// Speaks MAVLink with ground stations until it is told to end. A process of its own: what comes over the network is
/// none of core's or agent's, and if it dies the flight goes on; a vehicle that was flown through it then lands, because
/// nobody holds the pilot's link.
package actor GroundLink {
    /// Longest wait for a datagram, ns: as often the pilot's link and what is due are looked at.
    private static let pause: UInt64 = 20_000_000
    /// Between two looks at the flight, ms.
    private static let lookPause: UInt64 = 100
    /// Datagrams taken in one turn: a flood does not keep telemetry and the pilot's link waiting.
    private static let datagramsMax = 64

    package struct Options: Sendable {
        package var listen: Endpoint
        package var to: [Endpoint] = []
        package var system: UInt8 = 1
        package var acceptsCommands = false
        package var key: [UInt8]?
        /// File or folder/ of the core's flight log.
        package var record: String

        package init(listen: Endpoint, record: String) {
            self.listen = listen
            self.record = record
        }
    }

    /// On a queue of its own, for the core may take half a second to answer.
    private nonisolated let executor = BlockingExecutor(label: "mavlink")
    nonisolated package var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let options: Options
    private let core: CoreClient
    private let agent: AgentClient

    package init(_ options: Options, directories: Directories) {
        self.options = options
        core = CoreClient(path: directories.coreSocket)
        agent = AgentClient(path: directories.agentSocket)
    }

    /// Runs until the task is cancelled; `ready` is told the place, `notice` what trouble there is with stations.
    ///
    /// - Throws: `Fault` when it cannot listen.
    package func run(
        ready: @escaping @Sendable (Endpoint) -> Void, notice: @escaping @Sendable (String) -> Void
    ) async throws(Fault) {
        for place in options.to where place.family != options.listen.family {
            throw Fault(
                "\(place) is not reached from \(options.listen): one is IPv4, the other IPv6; give --listen of the same kind."
            )
        }
        let socket = try UDPSocket(at: options.listen)
        ready(socket.place)
        let updates = UpdateWatch(agent: agent)
        let watching = Task { await updates.run() }
        defer { watching.cancel() }
        serve(socket, updates, notice)
    }

    private func serve(
        _ socket: borrowing UDPSocket, _ updates: UpdateWatch, _ notice: (String) -> Void
    ) {
        var vehicle = Vehicle<Endpoint>(vehicleOptions)
        var reader = FlightReader(core: core, recordPath: options.record)
        defer { reader.close() }
        let began = da_now()
        var look = reader.look()
        var looked: UInt64 = 0
        while !Task.isCancelled {
            socket.wait(until: da_now() + Self.pause)
            var time = Self.time(since: began)
            for _ in 0..<Self.datagramsMax {
                guard let (bytes, from) = socket.receive() else { break }
                time = Self.time(since: began)
                for answer in vehicle.receive(bytes, from: from, at: time, ask: ask) {
                    socket.send(answer.bytes, to: answer.place)
                }
            }
            if time.milliseconds >= looked + Self.lookPause {
                look = reader.look()
                looked = time.milliseconds
            }
            for line in updates.takeLines() {
                for datagram in vehicle.say(line.severity, line.sentence, at: time) {
                    socket.send(datagram.bytes, to: datagram.place)
                }
            }
            for datagram in vehicle.turn(look, at: time, ask: ask) { socket.send(datagram.bytes, to: datagram.place) }
            for sentence in vehicle.takeNotices() { notice(sentence) }
        }
        let counts = vehicle.counts
        notice(
            "\(counts.taken) messages taken; \(counts.malformed) malformed, \(counts.unknown) unknown, \(counts.unbelieved) "
                + "not believed, \(counts.crowded) of too many stations, \(counts.refused) refused.")
    }

    private var vehicleOptions: Vehicle<Endpoint>.Options {
        var wanted = Vehicle<Endpoint>.Options()
        wanted.system = options.system
        wanted.acceptsCommands = options.acceptsCommands
        wanted.key = options.key
        wanted.named = options.to
        return wanted
    }

    private static func time(since began: UInt64) -> Vehicle<Endpoint>.Time {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return .init(
            milliseconds: (da_now() - began) / 1_000_000,
            stamp: Signing.stamp(seconds: now.tv_sec, nanoseconds: now.tv_nsec))
    }

    // MARK: Orders

    private func ask(_ order: Order) -> OrderAnswer {
        do {
            try core.perform(order.request)
            return .done
        } catch let refusal as CoreRefusal {
            return .refused(refusal.sentence)
        } catch {
            return .unreachable(Fault(error, while: "Asking the flight core").sentence)
        }
    }
}
