import Agent
import CPlatform
import FoundationEssentials
import Glibc

/// How fast flights in virtual time are: shipped core, controllers, drivers, handover machine and verdict, one thread.
struct VirtualSpeed {
    private static let name = "virtual flight, one core, shipped core and controllers"
    private static let limit = 200.0
    /// First seed; any will do.
    private static let seed: UInt64 = 1

    private let options: MeasureOptions

    init(_ options: MeasureOptions) { self.options = options }

    /// Flies a handful of flights by `flightbench virtual`, in a process of its own on one CPU.
    func figures() throws(BenchFault) -> [Figure] {
        let flights = options.quick ? 10 : 40
        let awake = try awakeLoops()
        for pid in awake { kill(pid, SIGSTOP) }
        defer { for pid in awake { kill(pid, SIGCONT) } }
        let begin = da_now()
        var flown = 0.0
        var failed = 0
        for number in 0..<UInt64(flights) {
            let flight = VirtualVerdict.fly(seed: Self.seed + number)
            flown += flight.seconds
            if !flight.holds { failed += 1 }
        }
        let taken = Double(da_now() - begin) / 1e9
        let speed = flown / taken
        var figure = Figure(
            name: Self.name, goal: "≥ 200 × real time", measured: "\(decimal(speed, 0)) ×",
            verdict: failed > 0 ? .inconclusive : speed >= Self.limit ? .met : .missed)
        figure.remarks = [
            "\(flights) flights with an update each, \(decimal(flown, 0)) s flown in \(decimal(taken, 1)) s by one thread, verdict included."
        ]
        if failed > 0 { figure.remarks.append("\(failed) of them failed; see `flightbench virtual`.") }
        if !awake.isEmpty { figure.remarks.append("The loops that keep the CPUs awake stood still meanwhile.") }
        figure.values = ["times_real_time": speed, "seconds_flown": flown, "seconds_taken": taken]
        return [figure]
    }

    private func awakeLoops() throws(BenchFault) -> [Int32] {
        guard let path = options.awake, FileManager.default.fileExists(atPath: path) else { return [] }
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw BenchFault("\(path) cannot be read: \(fileReason(error))")
        }
        return text.split(separator: "\n").compactMap { Int32($0) }.filter { $0 > 1 }
    }
}
