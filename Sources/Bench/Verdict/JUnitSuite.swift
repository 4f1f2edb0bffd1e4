internal import Agent
internal import FoundationEssentials

/// What was tried and what came of it, as JUnit XML, for test benches that collect such.
package struct JUnitSuite: Sendable, Equatable {
    package enum Outcome: Sendable, Equatable {
        case passed
        case failed(String)
        /// It could not be judged.
        case error(String)
    }

    package struct Case: Sendable, Equatable {
        package var name: String
        /// s; nil: it took no time of its own.
        package var seconds: Double?
        package var outcome: Outcome

        package init(_ name: String, seconds: Double? = nil, _ outcome: Outcome) {
            (self.name, self.seconds, self.outcome) = (name, seconds, outcome)
        }
    }

    package var name: String
    package var cases: [Case]

    package init(_ name: String, _ cases: [Case]) { (self.name, self.cases) = (name, cases) }

    package var xml: String {
        let lines = cases.map { one in
            let time = one.seconds.map { " time=\"\($0)\"" } ?? ""
            let open = "  <testcase classname=\"\(Self.escaped(name))\" name=\"\(Self.escaped(one.name))\"\(time)"
            return switch one.outcome {
            case .passed: open + "/>"
            case .failed(let what): open + "><failure message=\"\(Self.escaped(what))\"/></testcase>"
            case .error(let what): open + "><error message=\"\(Self.escaped(what))\"/></testcase>"
            }
        }
        let failures = cases.count { if case .failed = $0.outcome { true } else { false } }
        let errors = cases.count { if case .error = $0.outcome { true } else { false } }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="\(Self.escaped(name))" tests="\(cases.count)" failures="\(failures)" errors="\(errors)" skipped="0">
            \(lines.joined(separator: "\n"))
            </testsuite>

            """
    }

    /// - Throws: `BenchFault` when the file cannot be written.
    package func write(to path: String) throws(BenchFault) {
        do { try xml.write(toFile: path, atomically: true, encoding: .utf8) } catch {
            throw BenchFault("\(path) cannot be written: \(fileReason(error))")
        }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing("\"", with: "&quot;")
    }
}
