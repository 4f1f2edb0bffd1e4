internal import Agent
internal import CContract
internal import Contract

/// One request straight to the flight core: a pilot must be able to land when the agent is away.
enum CoreCall {
    /// Does it and says so: a sentence, or JSON in the shape of the agent's result. `value`, `isForced`: as `perform`.
    ///
    /// - Throws: as `perform`; of a refusal JSON has a line too.
    static func run(
        _ operation: Contract.Operation, _ directories: Directories, _ output: OutputOptions, value: Float = 0,
        isForced: Bool = false, saying done: String
    ) throws(CommandFailure) {
        do throws(CommandFailure) {
            let core = try perform(operation, directories, value: value, isForced: isForced)
            Output.write(output.json ? CoreResult(.done, done, core: core).json : done + "\n")
        } catch {
            if output.json, error.status == .refused { Output.write(CoreResult(.refused, error.sentence).json) }
            throw error
        }
    }

    /// `value` is of `takeoff`, m above the place of arming; `isForced` of `disarm`: also in the air.
    ///
    /// - Returns: what the core says of itself afterwards.
    /// - Throws: `CommandFailure` when the core refuses or does not answer.
    @discardableResult
    static func perform(
        _ operation: Contract.Operation, _ directories: Directories, value: Float = 0, isForced: Bool = false
    ) throws(CommandFailure) -> CoreReport {
        var request = da_request.make()
        request.operation = operation.rawValue
        request.value = value
        request.flags = isForced ? DA_REQUEST_FORCE.rawValue : 0
        do {
            return CoreReport(try CoreClient(path: directories.coreSocket).perform(request))
        } catch let refusal as CoreRefusal {
            throw CommandFailure(.refused, refusal.sentence)
        } catch {
            throw CommandFailure(.coreUnreachable, Fault(error, while: "Asking the flight core").sentence)
        }
    }
}
