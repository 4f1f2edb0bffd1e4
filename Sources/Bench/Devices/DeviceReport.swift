import Foundation

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

    /// As JUnit XML, for test benches that collect such.
    package var junit: String {
        let cases = steps.map { step in
            let open = "  <testcase classname=\"devices\" name=\"\(Self.escaped(step.name))\" time=\"\(step.seconds)\""
            guard let failure = step.failure else { return open + "/>" }
            return open + "><failure message=\"\(Self.escaped(failure))\"/></testcase>"
        }
        let failures = steps.count { $0.failure != nil }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="devices" tests="\(steps.count)" failures="\(failures)" errors="0" skipped="0">
            \(cases.joined(separator: "\n"))
            </testsuite>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: "\"", with: "&quot;")
    }
}
