package import CContract
package import Contract
package import FlightKit

/// A flight container without its process: the kit's instance of one controller, and its command log.
package final class VirtualContainer {
    package let name: String
    package let offers: [ChannelOffer]
    package let needs: [ChannelNeed]
    /// As the container's own commands.log.
    package private(set) var log: [da_command_record] = []

    private let answerSample: (da_sample) -> da_command
    private let takeCut: (StateCut, Set<String>) -> CutOutcome
    private let makeCut: () -> StateCut
    private let settled: () -> Bool

    package init<C: Controller>(_ name: String, _ type: C.Type, vehicle: da_vehicle, tickRate: Int) {
        let instance = FlightInstance<C>(vehicle: vehicle, tickRate: tickRate)
        self.name = name
        offers = C.offers
        needs = C.needs
        answerSample = { instance.answer($0) }
        takeCut = { cut, omitted in
            let image = StateImage()
            guard image.take(cut, for: instance.channels) == nil else { return .unreadable }
            for (index, channel) in instance.channels.enumerated() where omitted.contains(channel.name) {
                image.entries[index].schema = 0
            }
            return instance.apply(image)
        }
        makeCut = { instance.cut() }
        settled = { instance.isSettled }
    }

    package var isSettled: Bool { settled() }

    package func answer(_ sample: da_sample) -> da_command {
        let command = answerSample(sample)
        log.append(
            da_command_record(
                tick: command.tick, sample_ns: command.sample_ns, epoch: command.epoch, motor: command.motor))
        return command
    }

    /// Stands on the owner's state, but for the channels named, where it keeps its own.
    package func apply(_ cut: StateCut, without omitted: Set<String> = []) -> CutOutcome { takeCut(cut, omitted) }
    package func cut() -> StateCut { makeCut() }
}
