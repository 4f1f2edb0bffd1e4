package import Bench
import CContract

extension Interference {
    /// The first owner never learns of the switch, and goes on claiming its epoch.
    package static var staleOwner: Interference {
        var interference = Interference()
        interference.received = { instance, sample in
            guard instance == "first", sample.your_epoch == 0, sample.owner_epoch > 1 else { return sample }
            var sample = sample
            sample.your_epoch = 1
            sample.owner_epoch = 1
            return sample
        }
        return interference
    }

    /// The first owner's socket closes in the tick before the one with which its successor begins.
    package static func stoppedEarly(before switchTick: UInt64) -> Interference {
        var interference = Interference()
        interference.closes = { instance, tick in instance == "first" && tick + 1 >= switchTick }
        return interference
    }

    /// Four answers of the first owner never reach the core, which holds the motors' values instead.
    package static var heldInPlaceOfFresh: Interference {
        var interference = Interference()
        interference.arrives = { instance, tick in instance != "first" || !(7500..<7504).contains(tick) }
        return interference
    }
}
