/// The core's command line. Its own few lines, because ring 1 links no package.
package struct CoreOptions: Equatable, Sendable {
    package static let usage = """
        usage: flightcore --board FILE [--run DIR] [--state DIR] [--instance NAME=DIR]... [--owner NAME] [--record PLACE]
                          [--supervise] [--watchdog DEVICE]
               flightcore --check --board FILE [--run DIR]
          --board FILE         compiled board file ('droneagent board compile')
          --run DIR            sockets (default /run/droneagent)
          --state DIR          epochs (default /var/lib/droneagent)
          --instance NAME=DIR  serve DIR/tick.sock from the start (up to four)
          --owner NAME         grant the motors to this instance as soon as it is connected
          --record FILE        flight log (ULog) of all that happens; a core that takes up a flight writes FILE.1, …
          --record DIR/        one flight log for each flight, from arming to disarming; the oldest makes room
          --supervise          start the core as a child, and again when it crashes or hangs
          --check              look at chips, bus, lines and real time, say what is found and end; 1 if there is a fault
          --watchdog DEVICE    arm this hardware watchdog (/dev/watchdog) while the vehicle is armed
        The supervisor gives its child two more: --kept and --outputs, numbers of open descriptors.
        """

    package var board = ""
    package var run = "/run/droneagent"
    package var state = "/var/lib/droneagent"
    package var instances: [Instance] = []
    package var owner: String?
    package var record: String?
    package var isSupervised = false
    package var isCheck = false
    package var watchdog: String?
    /// Descriptors that a supervisor has made: memory of the kept flight, and the output-enable line.
    package var kept: Int32?
    package var outputs: Int32?
    /// The same command line for the supervisor's child.
    package let childArguments: [String]

    package struct Instance: Equatable, Sendable {
        package let name: String
        package let directory: String
    }

    /// - Throws: `CoreFault` for an unknown flag or a missing value.
    package init(_ arguments: [String]) throws(CoreFault) {
        childArguments = arguments.filter { $0 != "--supervise" }
        isSupervised = childArguments.count < arguments.count
        isCheck = childArguments.contains("--check")
        var rest = childArguments.filter { $0 != "--check" }[...]
        while let flag = rest.popFirst() {
            guard let value = rest.popFirst() else { throw CoreFault("\(flag) needs a value.\n\(Self.usage)") }
            switch flag {
            case "--board": board = value
            case "--run": run = value
            case "--state": state = value
            case "--owner": owner = value
            case "--record": record = value
            case "--watchdog": watchdog = value
            case "--kept": kept = try Self.descriptor(value, of: flag)
            case "--outputs": outputs = try Self.descriptor(value, of: flag)
            case "--instance":
                let parts = value.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2 else {
                    throw CoreFault("--instance wants NAME=DIR, not '\(value)'.\n\(Self.usage)")
                }
                instances.append(Instance(name: parts[0], directory: parts[1]))
            default: throw CoreFault("flightcore does not know \(flag).\n\(Self.usage)")
            }
        }
        guard !board.isEmpty else { throw CoreFault("--board is missing.\n\(Self.usage)") }
        if let owner, !instances.contains(where: { $0.name == owner }) {
            throw CoreFault("--owner \(owner) names none of the instances given by --instance; name one of them.")
        }
    }

    private static func descriptor(_ value: String, of flag: String) throws(CoreFault) -> Int32 {
        guard let number = Int32(value), number >= 0 else {
            throw CoreFault(
                "\(flag) wants the number of an open descriptor, not '\(value)'; it is the supervisor's to give.")
        }
        return number
    }
}
