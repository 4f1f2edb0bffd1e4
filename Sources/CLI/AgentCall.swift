internal import Agent
internal import CPlatform

/// One request to the agent, its progress shown on the way.
enum AgentCall {
    /// - Returns: the result, whose outcome is success.
    /// - Throws: `CommandFailure` for an agent that is away and for any other outcome.
    @discardableResult
    static func run(
        _ request: AgentRequest, _ directories: Directories, _ output: OutputOptions,
        success: Set<Outcome> = [.updated, .done]
    ) async throws(CommandFailure) -> AgentLine {
        var display = ProgressDisplay(Output.form(json: output.json))
        let tell = Output.teller(json: output.json)
        let result: AgentLine
        do throws(AgentClient.Failure) {
            result = try await AgentClient(path: directories.agentSocket).ask(request) { line in
                tell(display.show(line, at: da_now()))
            }
        } catch {
            tell(display.end())
            throw CommandFailure(.agentUnreachable, error.description)
        }
        tell(display.end())
        let hasSucceeded = result.outcome.map(success.contains) ?? false
        Output.write(display.result(result, withText: hasSucceeded))
        guard hasSucceeded else {
            throw CommandFailure(result.outcome.map(ExitStatus.init) ?? .agentUnreachable, result.text)
        }
        return result
    }
}
