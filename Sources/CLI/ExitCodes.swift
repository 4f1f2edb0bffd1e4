package import Agent

/// How droneagent ends, for scripts.
package enum ExitStatus: Int32, CaseIterable, Sendable {
    /// Updated, or done whatever was asked.
    case done = 0
    /// Refused, or failed before the switch: the flight is as it was.
    case refused = 2
    /// The new version had control, the old one has it back.
    case rolledBack = 3
    /// The new version had control and the old one could not take it back.
    case rollbackFailed = 4
    /// The agent does not answer, or went away before it had a result.
    case agentUnreachable = 5
    /// The flight core does not answer.
    case coreUnreachable = 6
    /// EX_USAGE of sysexits(3), as the argument parser has it.
    case usage = 64

    package init(_ outcome: Outcome) {
        self =
            switch outcome {
            case .updated, .done: .done
            case .refused: .refused
            case .rolledBack: .rolledBack
            case .rollbackFailed: .rollbackFailed
            }
    }

    package var meaning: String {
        switch self {
        case .done: "updated, or done whatever was asked"
        case .refused: "refused or failed before the switch; the flight is as it was"
        case .rolledBack: "the new version had control, the old one has it back"
        case .rollbackFailed: "the new version had control, the old one could not take it back"
        case .agentUnreachable: "the agent does not answer, or went away before it had a result"
        case .coreUnreachable: "the flight core does not answer"
        case .usage: "the command line is wrong"
        }
    }

    /// For `--help`.
    package static var table: String {
        let rows = allCases.map { status in
            "  \(String(repeating: " ", count: status.rawValue < 10 ? 1 : 0))\(status.rawValue)  \(status.meaning)"
        }
        return (["Exit codes:"] + rows).joined(separator: "\n")
    }
}

/// Why a verb did not do what was asked: one sentence and the exit code.
package struct CommandFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package var status: ExitStatus
    package var sentence: String

    package init(_ status: ExitStatus, _ sentence: String) {
        self.status = status
        self.sentence = sentence
    }

    package var description: String { sentence }
}
