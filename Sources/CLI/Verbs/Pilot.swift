internal import Agent
package import ArgumentParser
internal import CContract
internal import CPlatform
internal import Contract

extension DroneAgent {
    /// `droneagent pilot`
    package struct Pilot: ParsableCommand {
        package static let configuration = CommandConfiguration(
            abstract: "Holds the pilot's link with a level setpoint until interrupted.",
            discussion: """
                The core arms only while somebody sends setpoints, and lands when they stop. Without a receiver or a \
                ground station this verb is that somebody: run it in a terminal of its own, then arm and take off.
                """)

        /// Frames a second: as many as a receiver's.
        private static let pause: UInt64 = 20_000_000

        @OptionGroup package var output: OutputOptions
        @OptionGroup package var places: PlaceOptions
        @Option(help: "Yaw rate, degrees/s, nose right positive.")
        package var yaw: Float = 0
        @Option(help: "Climb rate, m/s, up positive; 0 holds the height.")
        package var climb: Float = 0

        package init() {}

        package mutating func validate() throws {
            guard yaw >= -180, yaw <= 180 else { throw ValidationError("--yaw takes -180 to 180 degrees/s.") }
            guard climb >= -2, climb <= 2 else { throw ValidationError("--climb takes -2 to 2 m/s.") }
        }

        package mutating func run() throws {
            da_stop_on_signals()
            var request = da_request.operation(.pilot)
            request.setpoint = da_setpoint(roll: 0, pitch: 0, yaw_rate: yaw * .pi / 180, climb: climb)
            let core = CoreClient(path: places.directories.coreSocket)
            let answer = CoreReport(try send(request, core))
            let sentence = "The pilot's link is held; interrupt to let go (the drone then lands)."
            Output.write(output.json ? CoreResult(.done, sentence, core: answer).json : sentence + "\n")
            var next = da_now()
            while da_stop_requested() == 0 {
                next += Self.pause
                da_sleep_until(next)
                try send(request, core)
            }
        }

        @discardableResult
        private func send(_ request: da_request, _ core: CoreClient) throws(CommandFailure) -> da_status {
            do { return try core.perform(request) } catch let refusal as CoreRefusal {
                throw CommandFailure(.refused, refusal.sentence)
            } catch {
                throw CommandFailure(.coreUnreachable, Fault(error, while: "Asking the flight core").sentence)
            }
        }
    }
}
