import CBoard
import CContract
import Glibc
import Simulator
import Testing

/// The simulated receiver, looked at from its line.
@Suite struct PPMReceiverTests {
    private func world(seed: UInt64 = 1, _ change: (inout PPMReceiver.Parameters) -> Void = { _ in }) -> World {
        var parameters = quietParameters()
        var radio = PPMReceiver.Parameters()
        change(&radio)
        parameters.receiver = radio
        return World(parameters: parameters, seed: seed)
    }

    /// Edges of so many seconds, looked at every 2 ms.
    private func edges(_ world: World, seconds: Double) -> [UInt64] {
        let seam = world.edges()
        var found: [UInt64] = []
        let end = world.now + UInt64(seconds * 1e9)
        while world.now < end {
            world.advance(to: world.now + 2_000_000)
            var times = [UInt64](repeating: 0, count: Int(DA_EDGES))
            let count = seam.take(seam.context, &times, UInt32(DA_EDGES))
            #expect(count >= 0 && times.prefix(Int(max(0, count))).allSatisfy { $0 <= world.now })
            found += times.prefix(Int(max(0, count)))
        }
        return found
    }

    /// µs between edges, cut at each pause; the first and the last frame, which are not whole, left out.
    private func frames(_ edges: [UInt64]) -> [[Double]] {
        var frames: [[Double]] = [[]]
        for (edge, next) in zip(edges, edges.dropFirst()) {
            let gap = Double(next - edge) / 1000
            if gap > 2700 { frames.append([]) } else { frames[frames.count - 1].append(gap) }
        }
        return Array(frames.dropFirst().dropLast())
    }

    @Test func aFrameHasItsChannelsAndItsPause() {
        let world = world()
        let sticks = (0..<8).map { 1e-3 + 0.125e-3 * Double($0) }
        world.receiver?.channels = sticks
        let edges = edges(world, seconds: 2)
        let frames = frames(edges)
        #expect(frames.count > 85 && frames.count < 100)
        for frame in frames {
            #expect(frame.count == 8 && zip(frame, sticks).allSatisfy { abs($0 - $1 * 1e6) < 20 })
        }
        let begins = zip(edges, edges.dropFirst()).filter { $1 - $0 > 2_700_000 }.map(\.1)
        let periods = zip(begins, begins.dropFirst()).map { Double($1 - $0) / 1e6 }
        #expect(periods.allSatisfy { $0 > 19.9 && $0 < 22.6 } && Set(periods).count > 50)
        #expect(frames.first != frames.last, "edges jitter")
    }

    @Test func aFallingEdgeComesAPulseLater() {
        let (rising, falling) = (world(), world { $0.isFalling = true })
        let (first, second) = (edges(rising, seconds: 0.5), edges(falling, seconds: 0.5))
        #expect(zip(first, second).allSatisfy { abs(Int($1) - Int($0) - 300_000) < 20_000 } && first.count > 150)
    }

    @Test func twelveLongChannelsStillHaveAPause() {
        let world = world { $0.channels = 12 }
        world.receiver?.channels = Array(repeating: 2.2e-3, count: 12)
        let frames = frames(edges(world, seconds: 1))
        #expect(frames.count > 30 && frames.allSatisfy { $0.count == 12 })
    }

    @Test func aLostTransmitterIsSilentRepeatsOrFails() {
        let world = world()
        _ = edges(world, seconds: 0.1)
        world.receiver?.state = .repeats
        world.receiver?.channels[2] = 1.9e-3
        #expect(frames(edges(world, seconds: 0.5)).allSatisfy { abs($0[2] - 1500) < 20 })
        world.receiver?.state = .fails
        world.receiver?.failsafe[2] = 0.9e-3
        #expect(frames(edges(world, seconds: 0.5)).suffix(15).allSatisfy { abs($0[2] - 900) < 20 })
        world.receiver?.state = .silent
        _ = edges(world, seconds: 0.05)
        #expect(edges(world, seconds: 0.5).isEmpty)
        world.receiver?.state = .hears
        #expect(frames(edges(world, seconds: 0.5)).suffix(15).allSatisfy { abs($0[2] - 1900) < 20 })
    }

    @Test func someEdgesNeverCome() {
        let world = world()
        world.receiver?.dropped = 0.1
        let found = edges(world, seconds: 10).count
        let sent = (world.receiver?.frames ?? 0) * 9
        #expect(found > sent * 85 / 100 && found < sent * 95 / 100)
    }

    /// As the kernel's: what nobody reads is lost, the oldest first.
    @Test func theLineKeepsSomeEdges() {
        let world = world()
        world.advance(to: 1_000_000_000)
        let late = edges(world, seconds: 0.01)
        #expect(late.count <= 64 && late.count > 50 && late.allSatisfy { $0 > 800_000_000 })
    }

    @Test func theSameSeedSendsTheSameInAnyPieces() {
        let whole = world(seed: 3)
        let pieces = world(seed: 3)
        whole.advance(to: 100_000_000)
        while pieces.now < 100_000_000 { pieces.advance(to: min(pieces.now + 333_333, 100_000_000)) }
        let (one, other) = (edges(whole, seconds: 0.5), edges(pieces, seconds: 0.5))
        #expect(one == other && one.count > 200)
        #expect(edges(world(seed: 4), seconds: 0.6) != edges(world(seed: 3), seconds: 0.6))
    }

    @Test func aVehicleMayHaveNone() {
        let world = World(parameters: quietParameters(), seed: 1)
        let seam = world.edges()
        var times = [UInt64](repeating: 0, count: Int(DA_EDGES))
        #expect(seam.take(seam.context, &times, UInt32(DA_EDGES)) == -ENODEV)
    }
}
