internal import Agent
internal import Contract

/// The status as the agent gives it, or as the core alone does when the agent is away.
struct StatusReading {
    var core: CoreReport?
    /// nil: the agent is away.
    var report: StatusReport?
    /// As one JSON line, with its end.
    var json: String
    /// What is missing; nil: nothing.
    var failure: CommandFailure?

    var lines: [String] { report.map(statusLines) ?? core.map(statusLines) ?? [] }

    /// - Throws: `CommandFailure` when neither answers, or the agent refuses.
    static func take(_ directories: Directories) async throws(CommandFailure) -> StatusReading {
        let result: AgentLine
        do throws(AgentClient.Failure) {
            result = try await AgentClient(path: directories.agentSocket).ask(AgentRequest(.status)) { _ in }
        } catch {
            let failure = CommandFailure(.agentUnreachable, error.description)
            guard let core = try? CoreCall.perform(.status, directories) else { throw failure }
            let result = CoreResult(.done, error.description, core: core)
            return StatusReading(core: core, report: nil, json: result.json, failure: failure)
        }
        guard let report = result.status else {
            throw CommandFailure(result.outcome.map(ExitStatus.init) ?? .agentUnreachable, result.text)
        }
        let fault = report.core == nil ? report.coreFault ?? "The flight core does not answer." : nil
        return StatusReading(
            core: report.core, report: report, json: String(decoding: result.json, as: UTF8.self) + "\n",
            failure: fault.map { CommandFailure(.coreUnreachable, $0) })
    }
}
