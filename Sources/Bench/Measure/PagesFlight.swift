import CPlatform
import Dispatch
import FoundationEssentials
import Synchronization

/// One flight in which the console comes and goes, each time with five pages: how late are the motor writes?
struct PagesFlight {
    private static let name = "lateness of motor writes, p99, console with five pages / without"
    private static let limit = 1.10
    private static let pages = 5
    /// s with pages, and from the end of such a window to the next one: as long without, and the time in which a console
    /// starts, a busy one that is nobody's window.
    private static let window = 8.0
    private static let pause = 11.5
    /// s: the vehicle is in the air and manoeuvres.
    private static let lead = 25.0

    private let options: MeasureOptions

    init(_ options: MeasureOptions) { self.options = options }

    func figures() throws(BenchFault) -> [Figure] {
        var flight = FlyOptions()
        flight.engine = options.engine
        flight.registry = options.registry
        flight.board = options.board
        flight.out = options.out + "/pages"
        flight.run = options.run
        flight.programs = options.programs
        flight.updates = 0
        // Version 2 has a camera: it streams with and without pages.
        (flight.first, flight.next, flight.camera) = ("v2", "v2", .scene)
        let count = options.quick ? 2 : 30
        flight.manoeuvreSeconds = Double(count) * (Self.window + Self.pause) + Self.lead
        flight.batteries = 10
        let visits = Visits(count, flight)
        try visits.begin()
        // Whatever comes of the flight, no console outlives it.
        defer { visits.end() }
        let report = try FlyRun(flight).fly()
        let windows = try visits.end().get()
        return [figure(try FlightWrites(flight).lateness(windows), report)]
    }

    private func figure(_ lateness: Lateness, _ report: FlightReport) -> Figure {
        var figure = Figure(Self.name, lateness.ratio, limit: Self.limit)
        guard let ratio = lateness.ratio else { return figure }
        let (with, without) = (lateness.update, lateness.noUpdate)
        figure.measured += ", \(decimal(with.p99, 0)) / \(decimal(without.p99, 0)) µs"
        if report.verdict == .fails { figure.verdict = .missed }
        for (side, some) in [("pages", with), ("none", without)] {
            figure.values["\(side)_p99_us"] = some.p99
            figure.values["\(side)_p99_9_us"] = some.p999
            figure.values["\(side)_max_us"] = some.max
            figure.values["\(side)_ticks"] = Double(some.count)
        }
        figure.remarks = [
            "\(ratio.pairs) times \(decimal(Self.window, 0)) s with the console and \(Self.pages) pages, each a stream of what happens and one of the camera, each beside as long without; \(with.count) and \(without.count) ticks, p99.9 \(decimal(with.p999, 0)) / \(decimal(without.p999, 0)) µs. They are read by curl: a browser is on another machine. The flight's own verdict: \(report.verdict.rawValue), missed \(report.missed), held \(report.held)."
        ]
        return figure
    }

    /// The console and its readers, on a thread beside the flight.
    private final class Visits: Sendable {
        private struct Told {
            var windows: [(begin: Double, end: Double)] = []
            var fault: BenchFault?
            var isOver = false
        }

        private let count: Int
        private let flight: FlyOptions
        private let told = Mutex(Told())
        private let ended = DispatchSemaphore(value: 0)

        init(_ count: Int, _ flight: FlyOptions) {
            self.count = count
            self.flight = flight
        }

        func begin() throws(BenchFault) {
            try benchThread("visits") { [self] in
                do throws(BenchFault) { try run() } catch { told.withLock { $0.fault = error } }
                told.withLock { $0.isOver = true }
                ended.signal()
            }
        }

        /// Ends them and gives the windows.
        @discardableResult
        func end() -> Result<[(begin: Double, end: Double)], BenchFault> {
            let wasOver = told.withLock { told in
                defer { told.isOver = true }
                return told.isOver
            }
            if !wasOver { ended.wait() }
            return told.withLock { told in told.fault.map { .failure($0) } ?? .success(told.windows) }
        }

        private func run() throws(BenchFault) {
            let socket = flight.run + "/core.sock"
            guard pass(120, until: { (try? CoreControl(socket).status().on_ground) == 0 }) else { return }
            for number in 0..<count {
                guard pass(Self.lull) else { return }
                try visit(number)
            }
        }
        /// s behind a window: as long without pages, and half a second.
        private static let lull = PagesFlight.window + 1

        private func visit(_ number: Int) throws(BenchFault) {
            var children: [Child] = []
            defer { for child in children.reversed() { child.stop() } }
            let console = try Child(
                "console", flight.programs + "/droneagent",
                [
                    "console", "--port", "0", "--json", "--run", flight.run, "--state", flight.run + "/state",
                    "--record",
                    flight.out + "/flight.ulg",
                ], log: flight.out + "/console-\(number).log")
            children.append(console)
            guard pass(10, until: { console.output.hasSuffix("\n") }) else { return }
            guard let place = try? JSONDecoder().decode(Place.self, from: Data(console.output.utf8)) else {
                throw BenchFault("The console said no address: \(console.output.suffix(300))")
            }
            for page in 0..<PagesFlight.pages {
                for part in ["events", "camera"] {
                    children.append(
                        try Child(
                            "page", "/usr/bin/curl",
                            ["--silent", "--no-buffer", "--noproxy", "*", "--max-time", "60", place.url + part],
                            log: flight.run + "/page-\(page)-\(part).log"))
                }
            }
            let readers = children.dropFirst()
            guard pass(10, until: { readers.allSatisfy(Self.hasRead) }) else {
                // The flight is over: this visit is none.
                if told.withLock({ $0.isOver }) { return }
                throw BenchFault("Not each page was served within 10 s; see \(flight.out)/console-\(number).log.")
            }
            let begin = Double(da_now()) / 1e9
            guard pass(PagesFlight.window) else { return }
            guard readers.allSatisfy(\.isRunning) else { throw BenchFault("A page's stream ended in flight.") }
            told.withLock { $0.windows.append((begin, Double(da_now()) / 1e9)) }
        }

        private struct Place: Decodable { var url: String }

        /// Whatever it was: a picture is no text.
        private static func hasRead(_ page: Child) -> Bool {
            (try? Data(contentsOf: URL(fileURLWithPath: page.log)).isEmpty) == false
        }

        /// Waits so many s, or until something has come true. Returns false when the flight is over, or it did not.
        private func pass(_ seconds: Double, until done: (() -> Bool)? = nil) -> Bool {
            let limit = da_now() + UInt64(seconds * 1e9)
            while da_now() < limit {
                if told.withLock({ $0.isOver }) { return false }
                if done?() == true { return true }
                da_sleep_until(da_now() + 50_000_000)
            }
            return done == nil
        }
    }
}
