import CBoard
import CContract
import CPlatform
import FlightCore
import Glibc
import Simulator
import Testing

/// The receiver over the bench's real socket: what the core's own seam gives, in real time.
@Suite struct BridgeEdgesTests {
    @Test func framesComeOverTheSocket() throws {
        let folder = Folder()
        let server = try BridgeServer(
            parameters: WorldParameters(board: receiverBoard()), seed: 1,
            options: .init(socket: folder.path + "/bus.sock", folder: folder.path))
        try server.start()
        defer { _ = server.stop() }
        server.world.withWorld { $0.receiver?.channels[3] = 1.2e-3 }
        var edges = da_edges(context: nil, take: { _, _, _ in -19 })
        try #require(da_edges_open_bridge(&edges, folder.path + "/bus.sock") == 0)
        #expect(da_edges_open_bridge(&edges, folder.path + "/bus.sock") == -EMFILE, "one a process")
        var decoder = PPMDecoder()
        var link = ReceiverLink(receiverBoard())
        var longest: UInt64 = 0
        // A second, in which some 45 frames come; a loaded machine may lose a few.
        let end = da_now() + 1_000_000_000
        while da_now() < end {
            var times = [UInt64](repeating: 0, count: Int(DA_EDGES))
            let began = da_now()
            let count = edges.take(edges.context, &times, UInt32(DA_EDGES))
            longest = max(longest, da_now() - began)
            try #require(count >= 0 && count <= Int32(DA_EDGES_ROOM))
            for time in times.prefix(Int(count)) {
                if case .frame(let frame) = decoder.take(time) {
                    #expect(frame.count == 8 && abs((frame.width(4) ?? 0) - 1.2e-3) < 20e-6)
                    #expect(abs((frame.width(1) ?? 0) - 1.5e-3) < 20e-6)
                    link.take(frame, now: da_now())
                }
            }
            da_sleep_until(da_now() + 2_000_000)
        }
        #expect(decoder.counts.frames > 10 && decoder.counts.backwards == 0)
        #expect(link.isUp && link.untimely == 0 && abs(link.setpoint.yaw_rate + 4 * 0.29 / 0.49) < 0.2)
        var short = [UInt64](repeating: 0, count: 3)
        #expect(edges.take(edges.context, &short, 3) == -EINVAL, "less room than a reply has")
    }
}
