import CBoard
import CContract
import CPlatform
import Glibc
import Simulator
import Testing

/// The protocol of `board.h`, spoken by hand over a real socket.
@Suite(.serialized) struct BridgeServerTests {
    private final class Client {
        let socket: Int32

        init(_ path: String) throws {
            socket = Glibc.socket(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let connected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(connected == 0)
            // A server that does not answer fails the test instead of holding it.
            var limit = timeval(tv_sec: 10, tv_usec: 0)
            setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        }

        deinit { close(socket) }

        func ask(
            _ kind: da_bridge_kind, address: UInt8 = 0, register: UInt8 = 0, count: Int = 0, bytes: [UInt8] = [],
            bus: UInt8 = 0
        ) throws -> da_bridge_reply {
            var request = da_bridge_request()
            request.kind = UInt8(kind.rawValue)
            request.address = address
            request.reg = register
            request.count = UInt8(max(count, bytes.count))
            request.bus = bus
            withUnsafeMutableBytes(of: &request.bytes) { $0.copyBytes(from: bytes) }
            let size = MemoryLayout<da_bridge_request>.size
            try #require(send(socket, &request, size, 0) == size)
            return try reply()
        }

        func reply() throws -> da_bridge_reply {
            var reply = da_bridge_reply()
            let size = MemoryLayout<da_bridge_reply>.size
            try #require(recv(socket, &reply, size, 0) == size)
            return reply
        }
    }

    private struct Bench {
        let folder: String
        let server: BridgeServer
        var socket: String { folder + "/chips.sock" }

        init(_ parameters: WorldParameters = quietParameters()) throws {
            var template = Array("/tmp/bridge-XXXXXX".utf8CString)
            try #require(mkdtemp(&template) != nil)
            folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            server = try BridgeServer(
                parameters: parameters, seed: 1,
                options: .init(socket: folder + "/chips.sock", folder: folder))
            try server.start()
        }

        func remove() {
            for name in ["chips.sock", "motors.log", "truth.log", "stalls.log"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
    }

    @Test func chipsAnswerOverTheSocket() throws {
        let bench = try Bench()
        defer { bench.remove() }
        let client = try Client(bench.socket)
        let identity = try client.ask(DA_BRIDGE_READ, address: 0x68, register: 0x75, count: 1)
        #expect(identity.result == 0 && identity.bytes.0 == 0x68)
        #expect(try client.ask(DA_BRIDGE_READ, address: 0x29, count: 1).result == -ENXIO)
        #expect(try client.ask(DA_BRIDGE_READ, address: 0x68, count: 33).result == -EINVAL)
        #expect(try client.ask(DA_BRIDGE_READ, address: 0x68, count: 1, bus: 9).result == -EINVAL)
        let report = bench.server.stop()
        #expect(report.requests == 4 && report.lost == 0 && report.logFault == nil)
    }

    @Test func aTransferTakesItsTimeOnTheBus() throws {
        let bench = try Bench()
        defer { bench.remove() }
        let client = try Client(bench.socket)
        let clock = ContinuousClock()
        let took = try clock.measure {
            for _ in 0..<20 { _ = try client.ask(DA_BRIDGE_READ, address: 0x68, register: 0x3B, count: 14) }
        }
        // 156 clocks of 2.5 µs each time; slower is the host's business.
        #expect(took >= .microseconds(20 * 390))
        _ = bench.server.stop()
    }

    @Test func linesHaveAConnectionOfTheirOwn() throws {
        let bench = try Bench()
        defer { bench.remove() }
        let bus = try Client(bench.socket)
        let lines = try Client(bench.socket)
        #expect(try lines.ask(DA_BRIDGE_GET, register: UInt8(DA_LINE_ARM.rawValue)).result == 1)
        #expect(try lines.ask(DA_BRIDGE_GET, register: UInt8(DA_LINE_KILL.rawValue)).result == 0)
        bench.server.world.withWorld { $0.lineLevels[Int(DA_LINE_KILL.rawValue)] = 1 }
        #expect(try lines.ask(DA_BRIDGE_GET, register: UInt8(DA_LINE_KILL.rawValue)).result == 1)
        #expect(try lines.ask(DA_BRIDGE_SET, register: UInt8(DA_LINE_OUTPUT_ENABLE.rawValue), bytes: [1]).result == 0)
        #expect(try lines.ask(DA_BRIDGE_SET, register: UInt8(DA_LINE_KILL.rawValue), bytes: [1]).result == -EPERM)
        #expect(bench.server.world.withWorld { $0.motorChip.outputsEnabled })
        #expect(try bus.ask(DA_BRIDGE_READ, address: 0x40, count: 2).result == 0)
        _ = bench.server.stop()
    }

    @Test func edgesComeAtMostFourAReply() throws {
        var parameters = quietParameters()
        parameters.receiver = PPMReceiver.Parameters()
        let bench = try Bench(parameters)
        defer { bench.remove() }
        let client = try Client(bench.socket)
        usleep(100_000)
        var times: [UInt64] = []
        for _ in 0..<5 {
            let reply = try client.ask(DA_BRIDGE_EDGES, count: 4)
            try #require(reply.result >= 0 && reply.result <= 4)
            withUnsafeBytes(of: reply.bytes) { bytes in
                for index in 0..<Int(reply.result) {
                    times.append(bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
                }
            }
        }
        // A tenth of a second has four frames of nine edges at least.
        #expect(times.count == 20 && times == times.sorted() && Set(times).count == 20)
        #expect(try client.ask(DA_BRIDGE_EDGES, count: 1).result <= 1)
        _ = bench.server.stop()
        let without = try Bench()
        defer { without.remove() }
        #expect(try Client(without.socket).ask(DA_BRIDGE_EDGES, count: 4).result == -ENODEV)
        _ = without.server.stop()
    }

    @Test func motorWritesReachTheLogOnDisk() throws {
        let bench = try Bench()
        defer { bench.remove() }
        let client = try Client(bench.socket)
        for (register, bytes): (UInt8, [UInt8]) in [(0, [0x30]), (0xFE, [3]), (0, [0x20])] {
            #expect(try client.ask(DA_BRIDGE_WRITE, address: 0x41, register: register, bytes: bytes).result == 0)
        }
        for step in 0..<10 {
            let bytes = MotorDriver.bytes([Double](repeating: Double(step) / 100, count: 4))
            #expect(try client.ask(DA_BRIDGE_WRITE, address: 0x41, register: 6, bytes: bytes).result == 0)
        }
        bench.server.world.withWorld {
            $0.faults.add(ChipFault(.torn(bytes: 5), .transfer(0), address: 0x41))
        }
        let torn = MotorDriver.bytes([0.5, 0.5, 0.5, 0.5])
        #expect(try client.ask(DA_BRIDGE_WRITE, address: 0x41, register: 6, bytes: torn).result == -EIO)
        let report = bench.server.stop()
        #expect(report.motorRecords == 11 && report.lost == 0)
        let records: [MotorRecord] = try RecordFile.read(bench.folder + "/motors.log")
        #expect(records.map(\.sequence) == Array(0..<11))
        #expect(records.map(\.isComplete) == [Bool](repeating: true, count: 10) + [false])
        #expect(zip(records, records.dropFirst()).allSatisfy { $0.stop < $1.stop })
        #expect(abs(records[9].commands(pulseMin: 125e-6, pulseMax: 250e-6)[2] - 0.09) < 1e-3)
        let truths: [TruthRecord] = try RecordFile.read(bench.folder + "/truth.log")
        #expect(truths.count == report.truthRecords && !truths.isEmpty)
        let stalls: [StallRecord] = try RecordFile.read(bench.folder + "/stalls.log")
        #expect(stalls.count == report.stalls)
        #expect(stalls.allSatisfy { $0.end > $0.start + 300_000 })
    }

    @Test func aBrokenMessageIsRefusedAndTheConnectionLives() throws {
        let bench = try Bench()
        defer { bench.remove() }
        let client = try Client(bench.socket)
        var short: [UInt8] = [1, 0x68, 0x75]
        #expect(send(client.socket, &short, 3, 0) == 3)
        #expect(try client.reply().result == -EINVAL)
        #expect(try client.ask(DA_BRIDGE_READ, address: 0x68, register: 0x75, count: 1).result == 0)
        _ = bench.server.stop()
    }

    @Test func oneConnectionTooManyIsTurnedAway() throws {
        let bench = try Bench()
        defer { bench.remove() }
        var clients: [Client] = []
        for _ in 0..<10 {
            let client = try Client(bench.socket)
            #expect(try client.ask(DA_BRIDGE_GET, register: 0).result == 1)
            clients.append(client)
        }
        let last = try Client(bench.socket)
        var byte: UInt8 = 0
        #expect(recv(last.socket, &byte, 1, 0) == 0, "closed at once")
        #expect(bench.server.stop().refusedConnections == 1)
        withExtendedLifetime(clients) {}
    }

    @Test func aHungTransferAnswersLate() throws {
        let bench = try Bench()
        defer { bench.remove() }
        let client = try Client(bench.socket)
        bench.server.world.withWorld {
            $0.faults.add(ChipFault(.hang(milliseconds: 30), .transfer(0), address: 0x68))
        }
        let clock = ContinuousClock()
        let took = try clock.measure {
            let reply = try client.ask(DA_BRIDGE_READ, address: 0x68, register: 0x75, count: 1)
            #expect(reply.result == -ETIMEDOUT)
        }
        #expect(took >= .milliseconds(30))
        _ = bench.server.stop()
    }

    /// The thread that serves a bus may be kept from its CPU; a real bus would have run on.
    @Test func aTransferBeginsWhenItsMasterAsked() {
        let shared = SharedWorld(parameters: quietParameters(), seed: 1)
        var request = da_bridge_request()
        request.kind = UInt8(DA_BRIDGE_WRITE.rawValue)
        (request.address, request.reg, request.count) = (0x41, 6, 16)
        let stalled: UInt64 = 20_000_000
        request.asked_ns = shared.withWorld(\.now) + 1
        usleep(UInt32(stalled / 1000))
        #expect(shared.serve(request).result == 0)
        // One that claims the future begins now, one that says nothing too.
        let before = da_now()
        for asked in [before + 10 * stalled, 0] {
            var later = request
            later.asked_ns = asked
            #expect(shared.serve(later).result == 0)
        }
        let stops = shared.withWorld { $0.motorLog.records.map(\.stop) }
        #expect(stops.count == 3 && stops[0] > request.asked_ns && stops[0] < request.asked_ns + stalled / 2)
        #expect(stops.dropFirst().allSatisfy { $0 > before } && stops[1] < before + 10 * stalled)
        #expect(stops[1] < stops[2])
    }

    @Test func anUnusableFolderIsNamed() {
        #expect(throws: BridgeFault.self) {
            try BridgeServer(
                parameters: quietParameters(), seed: 1,
                options: .init(socket: "/nonexistent/s", folder: "/nonexistent"))
        }
    }
}
