import Airframe
import Bench
import CContract
import Contract
import FlightCore
import Handover
import Simulator
import Testing

/// Flights in which the core crashes at any moment: the drone flies on, and nothing is driven by two or by the past.
@Suite struct CoreCrashTests {
    /// Anywhere in take-off, manoeuvres and update, at any point of the tick, dead for 2 to 40 ms.
    private func options(_ seed: UInt64) -> VirtualFlight.Options {
        var options = VirtualFlight.Options(seed: seed)
        options.next = .v2
        options.updateAt = 1
        var random = RandomSource(seed: seed, stream: 55)
        options.crashes = [
            CoreCrash(
                tick: 3000 + random.next() % 10_000, moment: CoreCrash.Moment.allCases[Int(random.next() % 4)],
                deadTicks: 1 + random.next() % 20, returnTicks: 1 + random.next() % 10)
        ]
        return options
    }

    @Test func theDroneFliesOn() async {
        let flights = await withTaskGroup(of: (UInt64, JudgedFlight).self) { group in
            for seed in 1...120 as ClosedRange<UInt64> {
                group.addTask { (seed, JudgedFlight(options(seed))) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var ends: [String: Int] = [:]
        for (seed, flight) in flights {
            let (result, ledger, crash) = (flight.result, flight.ledger, flight.options.crashes[0])
            #expect(result.crash == nil && result.endMode == .disarmed, "seed \(seed)")
            #expect(
                ledger.twoOwner == 0 && ledger.stale == 0 && ledger.doubled == 0 && ledger.torn == 0, "seed \(seed)")
            // What nobody drove is what the core was dead for, and the tick in which it died.
            #expect(ledger.missed <= Int(crash.deadTicks) + 1, "seed \(seed): \(ledger.missed)")
            // Until the owner was back the core flew, in a calm moment with the same values twice.
            let flown = ledger.failsafe + ledger.held
            #expect(flown <= Int(crash.returnTicks ?? 0) + 3, "seed \(seed): \(flown)")
            #expect(result.status.ticks_skipped <= crash.deadTicks + 1)
            let epochs = Set(ledger.entries.map(\.epoch).filter { $0 > 0 })
            #expect(epochs.count >= 2 && epochs.max() == epochs.union([result.status.owner_epoch]).max())
            ends["\(result.outcome.map { "\($0)".prefix(7) } ?? "none")", default: 0] += 1
        }
        // An update under way ends in one way or the other; most go through.
        #expect(ends["none"] == nil)
        #expect(ends["updated"] ?? 0 >= 100, "\(ends)")
    }

    /// The second crash within a second: level, descend, land, whoever comes back.
    @Test(arguments: 1...20) func aSecondCrashLands(seed: UInt64) {
        var options = options(seed)
        options.next = nil
        options.crashes[0].tick = 7000 + seed * 37
        var second = options.crashes[0]
        second.tick += 60 + seed * 15
        options.crashes.append(second)
        let flight = JudgedFlight(options)
        #expect(flight.result.crash == nil && flight.result.endMode == .disarmed)
        #expect(flight.ledger.failsafe > 500)
        #expect(flight.ledger.twoOwner == 0 && flight.ledger.stale == 0 && flight.ledger.doubled == 0)
    }

    /// Its instances never come back: the core lands by itself.
    @Test(arguments: 1...10) func withoutContainersItLands(seed: UInt64) {
        var options = options(seed)
        options.crashes[0].returnTicks = nil
        options.crashes[0].tick = 7000 + seed * 100
        let flight = JudgedFlight(options)
        #expect(flight.result.crash == nil && flight.result.endMode == .disarmed)
        #expect(flight.ledger.twoOwner == 0 && flight.ledger.stale == 0)
    }

    /// Epochs before the crash are below those behind it, in each container's own words.
    @Test(arguments: 1...20) func noEpochComesBack(seed: UInt64) {
        let result = VirtualFlight(options(seed)).fly()
        var claims: [(tick: UInt64, epoch: UInt64, who: String)] = []
        for (who, log) in result.logs {
            claims += log.filter { $0.epoch > 0 }.map { ($0.tick, $0.epoch, who) }
        }
        claims.sort { $0.tick < $1.tick }
        var owner: [UInt64: String] = [:]
        var highest: UInt64 = 0
        for claim in claims {
            #expect(claim.epoch >= highest)
            highest = max(highest, claim.epoch)
            #expect(owner[claim.epoch, default: claim.who] == claim.who, "epoch \(claim.epoch) of two")
            owner[claim.epoch] = claim.who
        }
        #expect(highest >= 3)
    }
}
