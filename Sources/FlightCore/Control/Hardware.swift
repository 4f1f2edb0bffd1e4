import CBoard
import CContract
import CPlatform
import Contract

/// The buses, lines and receiver that the board names, each bus behind a guard.
struct Hardware {
    let bus: da_bus
    let motorBus: da_bus
    let lines: da_lines
    /// nil: the board has no receiver.
    let edges: da_edges?
    let guards: [da_bus]

    /// SCHED_FIFO of the thread that carries out transfers: the tick's own. The tick waits while it works, so it need
    /// not be above, and from an equal it takes over without pushing it aside in the middle of a call.
    private static let busPriority: Int32 = 80
    /// A device beginning so is a socket of the bench; a path without a slash lies in the run folder.
    private static let bridgePrefix = "bridge:"

    /// `outputs` is the output-enable line as a supervisor holds it; nil: nobody does.
    ///
    /// - Throws: `CoreFault` when a device or line is absent, taken or not allowed.
    init(_ board: da_board, run: String, outputs: Int32?) throws(CoreFault) {
        let device = text(board.bus_device)
        let motorDevice = text(board.motor_bus_device)
        bus = try Self.openBus(device, number: 0, run: run)
        motorBus = motorDevice.isEmpty ? bus : try Self.openBus(motorDevice, number: 1, run: run)
        guards = motorDevice.isEmpty ? [bus] : [bus, motorBus]
        var opened = try Self.openLines(board, device: device, run: run, isOutputHeld: outputs != nil)
        if let outputs { da_lines_adopt_output(&opened, outputs, Self.isBridge(board) ? 1 : 0) }
        lines = opened
        edges = try Self.openEdges(board, device: device, run: run)
    }

    /// Requests output-enable alone, to be held over the life of cores; a descriptor or a negative errno.
    static func holdOutputs(_ board: da_board, run: String) -> Int32 {
        if isBridge(board), let path = socketPath(text(board.bus_device), run: run) {
            return da_output_hold_bridge(path)
        }
        return withUnsafePointer(to: board.line.2) { line in
            da_output_hold_device(text(board.gpio_label), line, "flightcore")
        }
    }

    private static func isBridge(_ board: da_board) -> Bool { text(board.gpio_label) == "bridge" }

    private static func socketPath(_ device: String, run: String) -> String? {
        guard device.hasPrefix(bridgePrefix) else { return nil }
        let path = String(device.dropFirst(bridgePrefix.count))
        return path.contains("/") ? path : run + "/" + path
    }

    private static func openBus(_ device: String, number: UInt8, run: String) throws(CoreFault) -> da_bus {
        var inner = unopenedBus
        let result =
            if let path = socketPath(device, run: run) { da_bus_open_bridge(&inner, path, number) } else {
                da_bus_open_device(&inner, device)
            }
        guard result == 0 else {
            throw CoreFault(
                "The bus \(device) cannot be opened: \(reason(result)); switch it on (on a Pi dtparam=i2c_arm=on in config.txt, and the module i2c-dev), or correct bus.device of the board file."
            )
        }
        var guarded = inner
        let started = da_bus_guard(&guarded, &inner, busPriority, da_cpu_count() - 1)
        guard started == 0 else {
            throw CoreFault(
                "The bus thread cannot be started: \(reason(started)); the machine has no room for a thread.")
        }
        return guarded
    }

    private static func openLines(
        _ board: da_board, device: String, run: String, isOutputHeld: Bool
    ) throws(CoreFault) -> da_lines {
        let label = text(board.gpio_label)
        var lines = unopenedLines
        if isBridge(board), let path = socketPath(device, run: run) {
            let result = da_lines_open_bridge(&lines, path)
            guard result == 0 else {
                throw CoreFault(
                    "The lines behind \(device) cannot be opened: \(reason(result)); start the simulated world first.")
            }
            return lines
        }
        var table = [board.line.0, board.line.1, board.line.2, board.line.3]
        if isOutputHeld { table[2].offset = -1 }
        let result = da_lines_open_device(&lines, label, table, "flightcore")
        guard result == 0 else {
            throw CoreFault(
                "The lines of the GPIO chip labelled '\(label)' cannot be requested: \(reason(result)); see gpioinfo for chips and for lines that are taken."
            )
        }
        return lines
    }

    private static func openEdges(_ board: da_board, device: String, run: String) throws(CoreFault) -> da_edges? {
        guard board.receiver.offset >= 0 else { return nil }
        let label = text(board.gpio_label)
        var edges = da_edges(context: nil, take: { _, _, _ in -19 })
        if isBridge(board), let path = socketPath(device, run: run) {
            let result = da_edges_open_bridge(&edges, path)
            guard result == 0 else {
                throw CoreFault(
                    "The receiver behind \(device) cannot be opened: \(reason(result)); start the simulated world first."
                )
            }
            return edges
        }
        let result = withUnsafePointer(to: board.receiver) { da_edges_open_device(&edges, label, $0, "flightcore") }
        guard result == 0 else {
            throw CoreFault(
                "The receiver's line \(board.receiver.offset) of the GPIO chip labelled '\(label)' cannot be requested: \(reason(result)); see gpioinfo whether it is taken, and correct receiver.line of the board file."
            )
        }
        return edges
    }

    /// Answers "no such device" until it is opened.
    private static var unopenedBus: da_bus {
        da_bus(context: nil, read: { _, _, _, _, _ in -19 }, write: { _, _, _, _, _ in -19 })
    }
    private static var unopenedLines: da_lines {
        da_lines(context: nil, get: { _, _ in -19 }, set: { _, _, _ in -19 })
    }
}
