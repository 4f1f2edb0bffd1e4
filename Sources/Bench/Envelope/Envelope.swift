import CContract
package import Rehearsal

/// The states from which way back and failsafe recover, computed: each limit is tried at values beside and
/// beyond the one in use, the others as they are, with every push that four motors can give, in the worst of ±30 % vehicles.
package struct Envelope: Sendable {
    package struct Row: Equatable, Sendable {
        /// rad, rad/s or m/s.
        package var value: Double
        package var recovered = 0
        package var lost = 0
        package var notReached = 0
        /// Of those that recovered: s until steady, and m of height.
        package var seconds = 0.0
        package var height = 0.0

        package init(value: Double, recovered: Int = 0) {
            self.value = value
            self.recovered = recovered
        }

        package var holds: Bool { lost == 0 && recovered > 0 && height <= Envelope.heightMax }
    }

    package struct Axis: Sendable {
        package var name: String
        package var unit: String
        /// To the unit from SI.
        package var scale: Double
        /// The board file's, SI.
        package var used: Double
        package var rows: [Row]

        package init(name: String, unit: String, scale: Double, used: Double, rows: [Row]) {
            self.name = name
            self.unit = unit
            self.scale = scale
            self.used = used
            self.rows = rows
        }

        /// The largest value up to which all recover, SI; nil: none does.
        package var computed: Double? { rows.prefix { $0.holds }.last?.value }
        package var holds: Bool { computed.map { used <= $0 * 1.0001 } ?? false }
    }

    /// m that a recovery may lose: half of the height from which each trial begins.
    package static let heightMax = Double(EnvelopeTrial.height) / 2
    /// All pushes but the one that only climbs.
    private static let pushes = 0..<15

    package let axes: [Axis]

    /// - Parameters:
    ///   - vehicles: of `VehicleVariant.all`, as many as are to be flown.
    ///   - every: of the values, each so manieth; the one in use is always among them.
    ///   - cores: threads that fly.
    package init(vehicles: [VehicleVariant] = VehicleVariant.all, every: Int = 1, cores: Int = 2) async {
        let board = BenchBoard.make()
        let degrees = 180 / Double.pi
        var axes: [Axis] = []
        for (limit, name, unit, scale, used, values) in [
            (
                EnvelopeTrial.Limit.tilt, "tilt", "°", degrees, Double(board.tilt_max),
                [50.0, 60, 70, 80, 90, 120, 150].map { $0 / degrees }
            ),
            (
                .rate, "body rates", "°/s", degrees, Double(board.rate_max),
                [200.0, 300, 400, 500, 600, 700, 800].map { $0 / degrees }
            ),
            (.descent, "descent", "m/s", 1, Double(board.descent_max), [2.0, 3, 4, 5, 6, 8]),
        ] {
            let tried = values.enumerated().filter { $0.offset % every == 0 || abs($0.element - used) < 1e-3 }
            var rows: [Row] = []
            for value in tried.map(\.element) {
                rows.append(await Self.row(limit, value, vehicles, cores))
            }
            axes.append(Axis(name: name, unit: unit, scale: scale, used: used, rows: rows))
        }
        self.axes = axes
    }

    package var holds: Bool { axes.allSatisfy(\.holds) }

    /// One row: a limit of the body rates, °/s.
    package static func row(rate: Double, vehicles: [VehicleVariant], cores: Int = 2) async -> Row {
        await row(.rate, rate * .pi / 180, vehicles, cores)
    }

    private static func row(
        _ limit: EnvelopeTrial.Limit, _ value: Double, _ vehicles: [VehicleVariant], _ cores: Int
    ) async -> Row {
        var trials: [EnvelopeTrial] = []
        for way in EnvelopeTrial.Way.allCases {
            for vehicle in vehicles {
                for push in pushes {
                    for isHard in [true, false] {
                        trials.append(
                            EnvelopeTrial(
                                limit: limit, value: value, way: way, vehicle: vehicle, push: push, isHard: isHard))
                    }
                }
            }
        }
        let all = trials
        return await withTaskGroup(of: Row.self) { group in
            for core in 0..<cores {
                group.addTask {
                    var row = Row(value: value)
                    for index in stride(from: core, to: all.count, by: cores) { row.count(all[index].fly()) }
                    return row
                }
            }
            var sum = Row(value: value)
            for await row in group { sum.add(row) }
            return sum
        }
    }

    /// For a person.
    package var text: String {
        var lines: [String] = []
        for axis in axes {
            lines.append(
                "| \(axis.name) beyond, \(axis.unit) | recovered | lost | not reached | steady within, s | height lost, m |  |"
            )
            lines.append("|---|---|---|---|---|---|---|")
            for row in axis.rows {
                let value = (row.value * axis.scale).rounded()
                let isUsed = abs(row.value - axis.used) < 1e-3 ? "in use" : ""
                lines.append(
                    "| \(Int(value)) | \(row.recovered) | \(row.lost) | \(row.notReached) | \(decimal(row.seconds, 1)) | \(decimal(row.height, 1)) | \(isUsed) |"
                )
            }
            let computed = axis.computed.map { "\(Int(($0 * axis.scale).rounded())) \(axis.unit)" } ?? "none"
            lines.append(
                "\(axis.name): all recover up to \(computed); in use \(Int((axis.used * axis.scale).rounded())) \(axis.unit), \(axis.holds ? "inside" : "OUTSIDE")\n"
            )
        }
        return lines.joined(separator: "\n")
    }
}

extension Envelope.Row {
    fileprivate mutating func count(_ end: EnvelopeTrial.End) {
        switch end {
        case .recovered(let seconds, let lost):
            recovered += 1
            self.seconds = max(self.seconds, seconds)
            height = max(height, lost)
        case .lost: lost += 1
        case .notReached: notReached += 1
        }
    }

    fileprivate mutating func add(_ other: Self) {
        recovered += other.recovered
        lost += other.lost
        notReached += other.notReached
        seconds = max(seconds, other.seconds)
        height = max(height, other.height)
    }
}
