import CBoard
import CPlatform
import Simulator

/// A simulated world that follows the real clock. It belongs to the tick's thread.
final class LiveWorld: @unchecked Sendable {
    private let world: World
    private let inner: da_bus
    private let innerLines: da_lines
    private let innerEdges: da_edges

    init(_ parameters: WorldParameters) {
        world = World(parameters: parameters, seed: 1, start: da_now())
        inner = world.bus(0)
        innerLines = world.lines()
        innerEdges = world.edges()
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> LiveWorld? {
        guard let context else { return nil }
        let live = Unmanaged<LiveWorld>.fromOpaque(context).takeUnretainedValue()
        live.world.advance(to: da_now())
        return live
    }

    var bus: da_bus {
        da_bus(
            context: Unmanaged.passUnretained(self).toOpaque(),
            read: { context, address, register, bytes, count in
                guard let live = LiveWorld.of(context) else { return -22 }
                return live.inner.read(live.inner.context, address, register, bytes, count)
            },
            write: { context, address, register, bytes, count in
                guard let live = LiveWorld.of(context) else { return -22 }
                return live.inner.write(live.inner.context, address, register, bytes, count)
            })
    }

    var edges: da_edges {
        da_edges(
            context: Unmanaged.passUnretained(self).toOpaque(),
            take: { context, times, room in
                guard let live = LiveWorld.of(context) else { return -22 }
                return live.innerEdges.take(live.innerEdges.context, times, room)
            })
    }

    var lines: da_lines {
        da_lines(
            context: Unmanaged.passUnretained(self).toOpaque(),
            get: { context, line in
                guard let live = LiveWorld.of(context) else { return -22 }
                return live.innerLines.get(live.innerLines.context, line)
            },
            set: { context, line, value in
                guard let live = LiveWorld.of(context) else { return -22 }
                return live.innerLines.set(live.innerLines.context, line, value)
            })
    }
}
