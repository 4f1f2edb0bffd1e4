import CPlatform
import Glibc
import Simulator

/// Faults of the simulated chips that are asked for while the world runs, a line each through a named pipe.
struct WorldFaults {
    /// What is asked for.
    enum Order: Equatable {
        /// The chip does not answer for so many ms.
        case nack(address: UInt8, milliseconds: Int)
        case brownOut(address: UInt8)
        /// The pilot moves a switch: arm or kill (`da_line`).
        case line(UInt32, level: Int32)

        var line: String {
            switch self {
            case .nack(let address, let milliseconds): "nack \(address) \(milliseconds)\n"
            case .brownOut(let address): "brownout \(address) 0\n"
            case .line(let number, let level): "line \(number) \(level)\n"
            }
        }

        init?(_ line: some StringProtocol) {
            let words = line.split(separator: " ")
            guard words.count == 3, let address = UInt8(words[1]), let milliseconds = Int(words[2]) else { return nil }
            switch words[0] {
            case "nack": self = .nack(address: address, milliseconds: min(max(milliseconds, 1), 60_000))
            case "brownout": self = .brownOut(address: address)
            case "line" where address <= 1: self = .line(UInt32(address), level: milliseconds == 0 ? 0 : 1)
            default: return nil
            }
        }
    }

    /// ms between two transfers of a chip at 500 Hz; each is tried twice.
    private static let period = 2
    private let pipe: Int32

    /// Makes the pipe.
    ///
    /// - Throws: `BenchFault` when it cannot be made.
    init(path: String) throws(BenchFault) {
        unlink(path)
        guard mkfifo(path, 0o600) == 0, case let pipe = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC), pipe >= 0 else {
            throw BenchFault("The pipe \(path) cannot be made (\(String(cString: strerror(errno)))).")
        }
        self.pipe = pipe
    }

    /// Carries out what was asked for since the last call; lines are shorter than what a pipe takes at once.
    func take(into world: SharedWorld) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(pipe, &bytes, bytes.count)
        guard count > 0 else { return }
        for line in String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n") {
            guard let order = Order(line) else { continue }
            world.withWorld { world in
                switch order {
                case .nack(let address, let milliseconds):
                    world.faults.add(
                        ChipFault(
                            .nackAddress, .time(world.now), address: address,
                            repeats: 2 * max(1, milliseconds / Self.period)))
                case .brownOut(let address): world.faults.add(ChipFault(.brownOut, .time(world.now), address: address))
                case .line(let number, let level): world.lineLevels[Int(number)] = level
                }
            }
        }
    }

    /// False: nobody reads.
    static func ask(_ order: Order, path: String) -> Bool {
        let pipe = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        guard pipe >= 0 else { return false }
        defer { close(pipe) }
        return order.line.withCString { write(pipe, $0, strlen($0)) } > 0
    }
}
