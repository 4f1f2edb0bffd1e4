internal import Agent
internal import CContract
internal import Contract

/// One request straight to the flight core: a pilot must be able to land when the agent is away.
enum CoreCall {
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
