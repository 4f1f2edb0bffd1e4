package import CContract
package import Contract
internal import Glibc
internal import Synchronization

/// What a container can do beside flying, to hurt the flight.
package enum Hostility: String, CaseIterable, Sendable {
    /// Copies of itself until there is no more room for one.
    case forks
    /// Memory until there is none.
    case memory
    /// Eight threads that never sleep.
    case hog
    /// The control thread never sleeps any more.
    case spin
    /// Sound commands, thousands of times each.
    case flood
    /// Frames of any size and content.
    case malformed
    /// Commands that stop the motors, with the owner's epoch and with all those before and behind.
    case epochs
    /// Commands that are not numbers.
    case nan
    /// Within the range, from nothing to everything and back in each tick.
    case extreme
    /// It takes samples no more.
    case unread
}

/// A sound controller in a hostile program. `FLAW` says what it does, `FLAW_AFTER` how many seconds after its start it
/// begins, `FLAW_OWNER` that it waits until it owns the motors.
package struct Hostile: Flaw {
    package static var name: String { "hostile" }

    private static let kind = word("FLAW").flatMap(Hostility.init) ?? .hog
    private static let begin = word("FLAW_AFTER").flatMap(Double.init) ?? 0
    private static let waitsForOwnership = word("FLAW_OWNER") != nil
    private static let start = seconds()
    private static let hasBegun = Atomic<Bool>(false)

    private var isOdd = false
    private var isDue = false

    package init(vehicle: da_vehicle, tickRate: Int) { _ = Self.start }

    package mutating func see(_ sample: da_sample) {
        Wire.note(sample)
        let isOwner = sample.your_epoch != 0 && sample.your_epoch == sample.owner_epoch
        isDue = Self.seconds() - Self.start >= Self.begin && (isOwner || !Self.waitsForOwnership)
    }

    package mutating func spoil(_ motors: Motors) -> Motors {
        guard isDue else { return motors }
        switch Self.kind {
        case .spin: while true {}
        case .unread: while true { pause() }
        case .extreme:
            isOdd.toggle()
            return Motors(repeating: isOdd ? 1 : 0)
        case .forks, .memory, .hog, .flood, .malformed, .epochs, .nan:
            if !Self.hasBegun.exchange(true, ordering: .relaxed) { Self.strike() }
        }
        return motors
    }

    private static func strike() {
        switch kind {
        case .forks: spawnThread { Bomb.run() }
        case .memory: spawnThread { takeMemory() }
        case .hog: for _ in 0..<8 { spawnThread { while true {} } }
        case .flood: spawnThread { Wire.send(forever: { Wire.command() }) }
        case .malformed: spawnThread { Wire.sendNoise() }
        case .epochs:
            spawnThread {
                var offset: UInt64 = 0
                Wire.send(forever: {
                    var command = Wire.command()
                    offset = (offset + 1) % 8
                    command.epoch = Wire.ownerEpoch &+ 3 &- offset
                    command.motor = (0, 0, 0, 0)
                    return command
                })
            }
        case .nan:
            spawnThread {
                Wire.send(forever: {
                    var command = Wire.command()
                    command.motor = (.nan, .infinity, -1, 2)
                    return command
                })
            }
        case .spin, .unread, .extreme: break
        }
    }

    private static func takeMemory() {
        // The kit has locked what there is and will be, and locked memory ends before the container's.
        munlockall()
        while let more = malloc(1 << 20) { memset(more, 1, 1 << 20) }
    }

    private static func seconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}

/// The program again and again.
package enum Bomb {
    package static let name = "bomb"

    package static func run() -> Never {
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("/flight"), nil]
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("FLAW=\(name)"), nil]
        while true {
            var pid: pid_t = 0
            posix_spawn(&pid, "/flight", nil, nil, &arguments, &environment)
        }
    }
}

/// The tick socket, used past the kit.
private enum Wire {
    private static let tick = Atomic<UInt64>(0)
    private static let time = Atomic<UInt64>(0)
    private static let owner = Atomic<UInt64>(0)
    private static let own = Atomic<UInt64>(0)

    static var ownerEpoch: UInt64 { owner.load(ordering: .relaxed) }

    static func note(_ sample: da_sample) {
        tick.store(sample.tick, ordering: .relaxed)
        time.store(sample.scheduled_ns, ordering: .relaxed)
        owner.store(sample.owner_epoch, ordering: .relaxed)
        own.store(sample.your_epoch, ordering: .relaxed)
    }

    /// A proper answer to the last sample: hover.
    static func command() -> da_command {
        var command = da_command.make()
        command.tick = tick.load(ordering: .relaxed)
        command.sample_ns = time.load(ordering: .relaxed)
        command.epoch = own.load(ordering: .relaxed)
        command.motor = (0.5, 0.5, 0.5, 0.5)
        command.free = command.motor
        return command
    }

    static func send(forever next: () -> da_command) -> Never {
        let fd = socket()
        while true {
            var command = next()
            _ = Glibc.send(fd, &command, MemoryLayout<da_command>.size, Int32(MSG_NOSIGNAL))
        }
    }

    static func sendNoise() -> Never {
        let fd = socket()
        var bytes = [UInt8](repeating: 0, count: 4096)
        var state: UInt32 = 1
        while true {
            for index in 0..<64 {
                state = state &* 1_664_525 &+ 1_013_904_223
                bytes[index] = UInt8(truncatingIfNeeded: state >> 24)
            }
            _ = Glibc.send(fd, bytes, Int(state >> 8) % bytes.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// The kit's own connection, whose descriptor it tells nobody.
    private static func socket() -> Int32 {
        for fd in Int32(3)..<64 {
            var type: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            if getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0, type == Int32(SOCK_SEQPACKET.rawValue) {
                return fd
            }
        }
        return -1
    }
}

private func word(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// A thread for which nobody waits.
private func spawnThread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { context in
            if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
}
