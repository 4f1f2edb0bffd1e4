internal import Agent
package import ArgumentParser
internal import CContract
internal import Contract

extension DroneAgent {
    /// `droneagent arm`
    package struct Arm: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Lets the motors turn; refused with the list of reasons, and what to do about each.")

        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions

        package init() {}

        package mutating func run() throws {
            do throws(CommandFailure) {
                try CoreCall.run(.arm, places.directories, output, saying: "Armed.")
            } catch {
                throw error.status == .refused ? withAdvice(error) : error
            }
        }

        /// By the reasons as they are a moment later: a refusal has them as words only.
        private func withAdvice(_ refusal: CommandFailure) -> CommandFailure {
            guard let status = try? CoreClient(path: places.directories.coreSocket).status(),
                status.mode == FlightMode.disarmed.rawValue
            else {
                return refusal
            }
            let advice = armingAdvice(ArmingReasons(rawValue: status.arming_refused))
            return CommandFailure(refusal.status, advice.isEmpty ? refusal.sentence : "\(refusal.sentence) \(advice)")
        }
    }
}
