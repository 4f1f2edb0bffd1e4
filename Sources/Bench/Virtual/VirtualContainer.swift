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
    private let takeCut: (StateCut) -> CutOutcome
    private let makeCut: () -> StateCut
    private let settled: () -> Bool

    package init<C: Controller>(_ name: String, _ type: C.Type, vehicle: da_vehicle, tickRate: Int) {
        let instance = FlightInstance<C>(vehicle: vehicle, tickRate: tickRate)
        self.name = name
        offers = C.offers
        needs = C.needs
        answerSample = { instance.answer($0) }
        takeCut = { instance.apply($0) }
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

    package func apply(_ cut: StateCut) -> CutOutcome { takeCut(cut) }
    package func cut() -> StateCut { makeCut() }
}
