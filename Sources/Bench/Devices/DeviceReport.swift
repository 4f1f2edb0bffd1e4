/// What a run over the lines and chips came to: a step a line, in their order.
package struct DeviceReport: Sendable, Equatable {
    package struct Step: Sendable, Equatable {
        /// What was to happen.
        package var name: String
        /// s that it took.
        package var seconds: Double
        /// nil: it did; else what happened instead.
        package var failure: String?

        package init(name: String, seconds: Double, failure: String? = nil) {
            (self.name, self.seconds, self.failure) = (name, seconds, failure)
        }
    }

    package var steps: [Step] = []
    /// Writes to the motor chip's channels, by the chip's own log, and those that reached turning motors behind the kill.
    package var motorWrites = 0
    package var writesBehindKill = 0

    package init() {}

    package var holds: Bool { !steps.isEmpty && steps.allSatisfy { $0.failure == nil } && writesBehindKill == 0 }

    package var summary: String {
        let lines = steps.map { step in
            "\(step.failure == nil ? "ok    " : "failed") \(step.name), \((step.seconds * 100).rounded() / 100) s"
                + (step.failure.map { ": \($0)" } ?? "")
        }
        return
            (lines + [
                "motor writes \(motorWrites), behind the kill line with outputs on: \(writesBehindKill)",
                "verdict: \(holds ? "holds" : "fails")",
            ]).joined(separator: "\n")
    }

    package var junit: JUnitSuite {
        JUnitSuite(
            "devices",
            steps.map { step in
                .init(step.name, seconds: step.seconds, step.failure.map { .failed($0) } ?? .passed)
            })
    }
}
