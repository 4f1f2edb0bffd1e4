internal import Glibc

/// Draws a flight from its log as one SVG: height, attitude, motor commands, who owned the motors.
///
/// Reads the log once, as a stream; a picture of hours takes no more memory than one of seconds.
package struct LogPlot {
    /// A change of the motors' owner.
    private struct Turn {
        /// s since the log's first message.
        var time: Double
        var name: String
        var epoch: UInt64
    }

    private struct Panel {
        var label: String
        var names: [String]
        var traces: [LogTrace]

        init(_ label: String, _ names: [String]) {
            self.label = label
            self.names = names
            traces = names.map { _ in LogTrace() }
        }
    }

    /// Changes of owner that are drawn.
    private static let turnLimit = 200
    private static let colours = ["#1f6fb4", "#e07b00", "#2b8a3e", "#c92a2a"]

    private var scanner = ULogScanner()
    private var begun: UInt64?
    private var end = 0.0
    private var height = Panel("height, m", ["height"])
    private var attitude = Panel("attitude, °", ["roll", "pitch"])
    private var motors = Panel("motor command", ["motor 1", "motor 2", "motor 3", "motor 4"])
    /// Where a command was held or the failsafe flew: 1.
    private var trouble = LogTrace()
    private var turns: [Turn] = []

    package init() {}

    /// Reads on.
    package mutating func read(_ chunk: [UInt8]) {
        for message in scanner.read(chunk) {
            guard let stamp = message.whole("timestamp") else { continue }
            let first = begun ?? stamp
            begun = first
            guard stamp >= first else { continue }
            let time = Double(stamp - first) / 1e6
            take(message, time)
        }
    }

    private mutating func take(_ message: ULogScanner.Message, _ time: Double) {
        switch message.topic.name {
        case "vehicle_local_position": height.traces[0].add(message.value("z").map { -$0 }, at: time)
        case "vehicle_attitude":
            let q = message.values("q")
            guard q.count == 4 else { return }
            // Hamilton's quaternion from FRD to NED, w first, as PX4 has it.
            let roll = atan2(2 * (q[0] * q[1] + q[2] * q[3]), 1 - 2 * (q[1] * q[1] + q[2] * q[2]))
            let pitch = asin(max(-1, min(1, 2 * (q[0] * q[2] - q[3] * q[1]))))
            attitude.traces[0].add(roll * 180 / .pi, at: time)
            attitude.traces[1].add(pitch * 180 / .pi, at: time)
        case "actuator_motors":
            for (index, value) in message.values("control").prefix(motors.traces.count).enumerated() {
                motors.traces[index].add(value, at: time)
            }
        case "ownership":
            let origin = message.whole("origin").flatMap(LogJudge.Origin.init)
            if origin == .held || origin == .failsafe { trouble.add(1, at: time) }
        case "owner":
            guard turns.count < Self.turnLimit else { return }
            turns.append(Turn(time: time, name: message.text("name"), epoch: message.whole("epoch") ?? 0))
        default: return
        }
        end = max(end, time)
    }

    // MARK: The picture

    private static let (width, left, right, top, gap) = (1000.0, 64.0, 20.0, 44.0, 18.0)

    /// The picture of what was read, under this heading; nil: nothing was flown in it.
    package func svg(_ heading: String) -> String? {
        let panels = [(height, 110.0), (attitude, 150.0), (motors, 150.0)]
        guard end > 0, panels.contains(where: { $0.0.traces.contains { !$0.isEmpty } }) else { return nil }
        var (parts, y) = ([String](), Self.top)
        for (panel, high) in panels {
            parts += draw(panel, y, high)
            y += high + Self.gap
        }
        parts += drawOwners(y, 26)
        parts += drawMarks(Self.top, y + 26)
        let bottom = y + 26 + 34
        parts += drawTimes(y + 26)
        return
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(Self.width)) \(number(bottom))" font-family="sans-serif" font-size="11">
            <style>polyline { stroke-width: 0.9; stroke-linejoin: round }</style>
            <rect width="100%" height="100%" fill="#fff"/>
            \(tag("text", ["x": number(Self.left), "y": "24", "font-size": "14"], heading))
            \(parts.joined(separator: "\n"))
            </svg>

            """
    }

    private func x(_ time: Double) -> Double {
        Self.left + min(time, end) / end * (Self.width - Self.left - Self.right)
    }

    private func draw(_ panel: Panel, _ y: Double, _ high: Double) -> [String] {
        let (low, most) = panel.traces.reduce((Double.infinity, -Double.infinity)) { range, trace in
            (min(range.0, trace.low), max(range.1, trace.high))
        }
        guard low <= most else { return [] }
        let margin = max((most - low) * 0.05, 1e-3)
        func place(_ value: Double) -> Double {
            y + high - (value - low + margin) / (most - low + 2 * margin) * high
        }
        let frame = Self.width - Self.left - Self.right
        var parts = [
            tag(
                "rect",
                [
                    "x": number(Self.left), "y": number(y), "width": number(frame), "height": number(high),
                    "fill": "none", "stroke": "#ced4da",
                ]),
            tag(
                "text",
                ["transform": "translate(14 \(number(y + high / 2))) rotate(-90)", "text-anchor": "middle"], panel.label
            ),
        ]
        for value in [low, (low + most) / 2, most] {
            parts.append(
                tag(
                    "text",
                    [
                        "x": number(Self.left - 6), "y": number(place(value) + 4), "text-anchor": "end",
                        "fill": "#495057",
                    ], number(value)))
        }
        for (index, trace) in panel.traces.enumerated() where !trace.isEmpty {
            let points = trace.points.map { "\(number(x($0.time))),\(number(place($0.value)))" }
            parts.append(
                tag(
                    "polyline",
                    ["points": points.joined(separator: " "), "fill": "none", "stroke": Self.colours[index]]))
            parts.append(
                tag(
                    "text",
                    [
                        "x": number(Self.left + 8 + Double(index) * 70), "y": number(y + 14),
                        "fill": Self.colours[index],
                    ], panel.names[index]))
        }
        return parts
    }

    /// A band for each owner; red below where a command was held or the failsafe flew.
    private func drawOwners(_ y: Double, _ high: Double) -> [String] {
        let bands = turns.enumerated().flatMap { index, turn in
            let until = index + 1 < turns.count ? turns[index + 1].time : end
            let from = x(turn.time)
            let colour = turn.name.isEmpty ? "#adb5bd" : Self.colours[index % Self.colours.count]
            return [
                tag(
                    "rect",
                    [
                        "x": number(from), "y": number(y), "width": number(x(until) - from), "height": number(high - 8),
                        "fill": colour, "fill-opacity": "0.25",
                    ]),
                tag(
                    "text", ["x": number(from + 4), "y": number(y + 13)],
                    turn.name.isEmpty ? "nobody" : "\(turn.name), epoch \(turn.epoch)"),
            ]
        }
        let troubles = trouble.points.map { point in
            tag(
                "rect",
                [
                    "x": number(x(point.time) - 0.5), "y": number(y + high - 6), "width": "1", "height": "6",
                    "fill": "#c92a2a",
                ])
        }
        let label = tag("text", ["x": number(Self.left - 6), "y": number(y + 13), "text-anchor": "end"], "owner")
        return bands + [label] + troubles
    }

    private func drawMarks(_ from: Double, _ to: Double) -> [String] {
        turns.dropFirst().map { turn in
            tag(
                "path",
                [
                    "d": "M\(number(x(turn.time))) \(number(from))V\(number(to))", "stroke": "#c92a2a",
                    "stroke-dasharray": "3 3",
                ])
        }
    }

    private func drawTimes(_ y: Double) -> [String] {
        (0...5).map { part in
            let time = end * Double(part) / 5
            return tag(
                "text", ["x": number(x(time)), "y": number(y + 18), "text-anchor": "middle"], "\(number(time)) s")
        }
    }
}

/// An element of SVG; attributes are ours and need no escaping.
private func tag(_ name: String, _ attributes: KeyValuePairs<String, String>, _ text: String? = nil) -> String {
    let named = attributes.map { " \($0.key)=\"\($0.value)\"" }.joined()
    return text.map { "<\(name)\(named)>\(escaped($0))</\(name)>" } ?? "<\(name)\(named)/>"
}

/// One decimal.
private func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    let tenths = Int((value * 10).rounded())
    return (tenths < 0 ? "-" : "") + "\(abs(tenths) / 10)" + (tenths % 10 == 0 ? "" : ".\(abs(tenths) % 10)")
}

/// For XML; what no file may have in it is left out.
private func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
        switch scalar {
        case "<": "&lt;"
        case ">": "&gt;"
        case "&": "&amp;"
        case "\"": "&quot;"
        case _ where scalar.value < 32 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: "?"
        default: String(scalar)
        }
    }.joined()
}
